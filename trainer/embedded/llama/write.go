package llama

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/tokenizer"
)

// Model is a model that writes. It is safe for concurrent use.
type Model struct {
	Hash string // SHA-256 of its weights' file

	config     Config
	decoder    *Decoder[float32]
	vocabulary *tokenizer.Vocabulary
}

// OpenModel reads a model's folder.
func OpenModel(dir string) (*Model, error) {
	w, err := Load(dir)
	if err != nil {
		return nil, err
	}
	v, err := tokenizer.OpenVocabulary(dir, w.Config.End)
	if err != nil {
		return nil, err
	}
	if v.Size > w.Config.Vocabulary {
		return nil, fmt.Errorf("%s: the tokenizer has %d tokens, and the model knows %d: they are not of one kind", dir, v.Size, w.Config.Vocabulary)
	}
	hash, err := hashOf(filepath.Join(dir, weightsFile))
	if err != nil {
		return nil, err
	}
	return &Model{Hash: hash, config: w.Config, decoder: newDecoder(w), vocabulary: v}, nil
}

func hashOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}

// tooLongError says that a text leaves no place to go on.
type tooLongError struct{ Tokens, Most int }

func (e *tooLongError) Error() string {
	return fmt.Sprintf("the prompt has %d tokens, and the model %d places in all", e.Tokens, e.Most)
}

var errNothing = errors.New("there is no text to go on with")

// read tokenizes what is to be gone on with.
func (m *Model) read(prompt string) ([]int32, error) {
	found, err := m.vocabulary.Encode(prompt)
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, errNothing
	case len(found) >= m.config.Positions:
		return nil, &tooLongError{len(found), m.config.Positions}
	}
	ids := make([]int32, len(found))
	for i, t := range found {
		ids[i] = int32(t.ID)
	}
	return ids, nil
}

// Options say how a text is written.
type Options struct {
	Temperature float64  // 0: always the likeliest token
	TopP        float64  // of the likeliest tokens that have this share; 0 or 1: of all
	MaxTokens   int      // 0: as many as there are places
	Stop        []string // texts that end it, and are not part of it
	Seeds       []uint64 // one for each text that is wanted
}

// Written is a text.
type Written struct {
	Text   string
	Tokens int
	Ended  bool // by itself or by a stop text, and not for want of tokens
}

// Write goes on with a prompt, once for each seed. It returns how many tokens the
// prompt has, too.
func (m *Model) Write(ctx context.Context, prompt string, o Options) ([]Written, int, error) {
	ids, err := m.read(prompt)
	if err != nil {
		return nil, 0, err
	}
	most := m.config.Positions - len(ids)
	if o.MaxTokens > 0 {
		most = min(most, o.MaxTokens)
	}
	start := &Text[float32]{}
	logits := m.decoder.Feed([]*Text[float32]{start}, [][]int32{ids})[0]
	pens := make([]*pen, len(o.Seeds))
	for i, seed := range o.Seeds {
		pens[i] = &pen{text: start.Fork(), logits: logits, chance: rand.New(rand.NewPCG(seed, 0x7772697465))} // "write"
	}
	for writing := pens; ; {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		var going []*pen
		for _, p := range writing {
			if m.next(p, o, most) {
				going = append(going, p)
			}
		}
		if writing = going; len(writing) == 0 {
			break
		}
		m.feed(writing)
	}
	out := make([]Written, len(pens))
	for i, p := range pens {
		out[i] = Written{Text: strings.ToValidUTF8(tokenizer.Whole(p.out.String()), "\ufffd"), Tokens: p.tokens, Ended: p.ended}
		if p.cut {
			out[i].Text = strings.ToValidUTF8(p.kept, "\ufffd")
		}
	}
	return out, len(ids), nil
}

// pen is a text that is being written.
type pen struct {
	text   *Text[float32]
	logits []float32
	chance *rand.Rand
	last   int32
	tokens int
	out    strings.Builder
	ended  bool
	cut    bool // by a stop text
	kept   string
}

// next writes a token and says whether there are more to come.
func (m *Model) next(p *pen, o Options, most int) bool {
	p.last = pick(p.logits[:m.vocabulary.Size], o, p.chance)
	p.tokens++
	if int(p.last) == m.vocabulary.End {
		p.ended = true
		return false
	}
	was := p.out.Len()
	p.out.WriteString(m.vocabulary.Piece(int(p.last)))
	if at := firstStop(p.out.String(), was, o.Stop); at >= 0 {
		p.ended, p.cut, p.kept = true, true, p.out.String()[:at]
		return false
	}
	return p.tokens < most
}

// firstStop is where the first stop text begins of which some is behind from; -1
// if there is none.
func firstStop(text string, from int, stops []string) int {
	first := -1
	for _, stop := range stops {
		if stop == "" {
			continue
		}
		begin := max(0, from-len(stop)+1)
		if at := strings.Index(text[begin:], stop); at >= 0 && (first < 0 || begin+at < first) {
			first = begin + at
		}
	}
	return first
}

func (m *Model) feed(pens []*pen) {
	texts, tokens := make([]*Text[float32], len(pens)), make([][]int32, len(pens))
	for i, p := range pens {
		texts[i], tokens[i] = p.text, []int32{p.last}
	}
	for i, logits := range m.decoder.Feed(texts, tokens) {
		pens[i].logits = logits
	}
}

// pick chooses a token: the likeliest, of equal ones the first; or by chance.
func pick(logits []float32, o Options, chance *rand.Rand) int32 {
	best := 0
	for i, x := range logits {
		if x > logits[best] {
			best = i
		}
	}
	if o.Temperature <= 0 {
		return int32(best)
	}
	p := make([]float64, len(logits))
	order := make([]int32, len(logits))
	sum := 0.0
	for i, x := range logits {
		p[i] = math.Exp(float64(x-logits[best]) / o.Temperature)
		order[i] = int32(i)
		sum += p[i]
	}
	if o.TopP > 0 && o.TopP < 1 {
		slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(p[b], p[a]) })
		share := 0.0
		for n, i := range order {
			if share += p[i]; share >= o.TopP*sum {
				order, sum = order[:n+1], share
				break
			}
		}
	}
	at := chance.Float64() * sum
	for _, i := range order {
		if at -= p[i]; at < 0 {
			return i
		}
	}
	return order[len(order)-1]
}
