package embedded

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/internal/tokenizer"
	"github.com/assay-dev/assay/trainer"

	"github.com/assay-dev/assay/trainer/mask"
)

// row is a pair in tokens.
type row struct {
	id               string
	prompt           []int32
	chosen, rejected answer
}

// answer is one answer in tokens, the one that ends the text among them.
type answer struct {
	ids       []int32
	mask      []bool
	reference []float64 // log-probabilities of the model at the start
}

func (r row) length() int { return len(r.prompt) + max(len(r.chosen.ids), len(r.rejected.ids)) }

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// Bounds of the files of a run directory, in bytes.
const (
	mostPairs    = 4 << 30
	mostMetrics  = 1 << 30
	mostSettings = 64 << 20
)

// readPairs reads the run's pairs, if they are those that the manifest is of.
func (r *run) readPairs() ([]trainer.Pair, error) {
	text, err := plainfile.Read(context.Background(), filepath.Join(r.dir, trainer.PairsFile), mostPairs)
	if err != nil {
		return nil, err
	}
	if sum(text) != r.manifest.PairsHash {
		return nil, fmt.Errorf("%s is not the file that %s was written for (its SHA-256 differs): write the run anew", trainer.PairsFile, trainer.ManifestFile)
	}
	in, err := trainer.NewPairReader(trainer.PairsFile, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	var pairs []trainer.Pair
	for {
		p, err := in.Next()
		if err == io.EOF {
			return pairs, nil
		}
		if err != nil {
			return nil, err
		}
		if err := p.Check(); err != nil {
			return nil, in.Errorf("%w", err)
		}
		pairs = append(pairs, p)
	}
}

// rows are the pairs in tokens, but for those that are too long.
func (r *run) rows(pairs []trainer.Pair, v *tokenizer.Vocabulary, longest int) (rows []row, tooLong int, err error) {
	for _, p := range pairs {
		out, err := newRow(p, v, r.manifest.Rule)
		if err != nil {
			return nil, 0, fmt.Errorf("pair %s: %w", p.ID, err)
		}
		if len(out.prompt) > r.settings.MaxPromptLength || out.length() > longest {
			tooLong++
			continue
		}
		rows = append(rows, out)
	}
	if len(rows) == 0 {
		return nil, 0, fmt.Errorf("no pair is left to train on: all %d are longer than max_prompt_length %d or %d tokens in all", tooLong, r.settings.MaxPromptLength, longest)
	}
	return rows, tooLong, nil
}

// newRow tokenizes a pair. Its answers start where their tokens leave the
// prompt's: a token can reach from the prompt into an answer.
func newRow(p trainer.Pair, v *tokenizer.Vocabulary, rule mask.Rule) (row, error) {
	prompt, err := v.Encode(p.Prompt)
	if err != nil {
		return row{}, err
	}
	chosen, err := v.Encode(p.Prompt + ended(p.Chosen, v))
	if err != nil {
		return row{}, err
	}
	rejected, err := v.Encode(p.Prompt + ended(p.Rejected, v))
	if err != nil {
		return row{}, err
	}
	shared := min(common(prompt, chosen), common(prompt, rejected))
	out := row{id: p.ID, prompt: ids(prompt[:shared])}
	if shared == 0 {
		return row{}, fmt.Errorf("its prompt has no token of its own")
	}
	if out.chosen, err = newAnswer(chosen[shared:], len(p.Prompt), p.ChosenSpans, rule); err != nil {
		return row{}, fmt.Errorf("the chosen answer: %w", err)
	}
	if out.rejected, err = newAnswer(rejected[shared:], len(p.Prompt), p.RejectedSpans, rule); err != nil {
		return row{}, fmt.Errorf("the rejected answer: %w", err)
	}
	return out, nil
}

// ended is an answer with the text that ends it, once: rows of others may have it.
func ended(answer string, v *tokenizer.Vocabulary) string {
	return strings.TrimSuffix(answer, v.EndText()) + v.EndText()
}

func newAnswer(found []tokenizer.Token, from int, spans mask.Mask, rule mask.Rule) (answer, error) {
	places := make([]mask.Span, len(found))
	for i, t := range found {
		places[i] = mask.Span{Start: t.Start - from, End: t.End - from}
	}
	in, err := spans.Tokens(rule, places)
	if err == nil && !slices.Contains(in, true) {
		err = fmt.Errorf("no token of it is in its mask by the rule %s, so nothing would be pushed there: write the run with the rule overlap", rule)
	}
	return answer{ids: ids(found), mask: in}, err
}

func ids(found []tokenizer.Token) []int32 {
	out := make([]int32, len(found))
	for i, t := range found {
		out[i] = int32(t.ID)
	}
	return out
}

func common(a, b []tokenizer.Token) int {
	n := 0
	for n < len(a) && n < len(b) && a[n].ID == b[n].ID {
		n++
	}
	return n
}

// split divides the rows into those to learn from and those held out, whose ids
// hash lowest: the PyTorch trainer holds out the same.
func split(rows []row, share float64, seed uint64) (learned, held []row) {
	hash := func(r row) string { return sum(fmt.Appendf(nil, "held-out/%d/%s", seed, r.id)) }
	order := slices.Clone(rows)
	slices.SortStableFunc(order, func(a, b row) int { return strings.Compare(hash(a), hash(b)) })
	out := map[string]bool{}
	for _, r := range order[:int(math.RoundToEven(float64(len(rows))*share))] {
		out[r.id] = true
	}
	for _, r := range rows {
		if out[r.id] {
			held = append(held, r)
		} else {
			learned = append(learned, r)
		}
	}
	return learned, held
}
