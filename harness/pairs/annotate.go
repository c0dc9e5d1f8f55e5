package pairs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/trainer"
)

// Annotated says what became of the rows of a file that was annotated.
type Annotated struct {
	Pairs     int  `json:"pairs"`
	Computed  int  `json:"computed"`             // spans that are new
	Kept      int  `json:"kept"`                 // spans that were there
	EmptyMask int  `json:"empty_rejected_spans"` // D⁻ is empty: the rejected answer lacks lines, or none differs
	File      File `json:"file"`
}

// Annotate writes the preference rows of a file with spans, whole or not at all.
// Each keeps its form and its other columns; a prompt that its answers only
// shared is a column of its own then, for spans count from where an answer begins.
func Annotate(ctx context.Context, path, out string) (a Annotated, err error) {
	if _, err := os.Lstat(out); !errors.Is(err, fs.ErrNotExist) {
		return a, errors.Join(err, fmt.Errorf("%s is there already: move it away, or name another file with --out", out))
	}
	in, err := plainfile.Open(ctx, path)
	if err != nil {
		return a, err
	}
	defer in.Close()
	rows, err := trainer.NewPairReader(path, in)
	if err != nil {
		return a, err
	}
	file, err := create(out)
	if err != nil {
		return a, err
	}
	defer file.Discard()
	for ctx.Err() == nil {
		p, err := rows.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return a, err
		}
		line, err := a.annotate(p, rows.Line())
		if err != nil {
			return a, rows.Errorf("%w", err)
		}
		if _, err := file.Write(append(line, '\n')); err != nil {
			return a, err
		}
	}
	switch {
	case ctx.Err() != nil:
		return a, errors.New("interrupted: nothing is written")
	case a.Pairs == 0:
		return a, fmt.Errorf("%s holds no pair", path)
	}
	a.File = file.describe()
	return a, file.Commit()
}

// annotate is a row with spans.
func (a *Annotated) annotate(p trainer.Pair, line []byte) ([]byte, error) {
	a.Pairs++
	count, then := &a.Computed, "leave the pair out"
	if p.Spanned() {
		count, then = &a.Kept, "take chosen_spans and rejected_spans out, and they are computed"
	}
	*count++
	p, err := p.WithSpans()
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, then)
	}
	if p.RejectedSpans.Empty() {
		a.EmptyMask++
	}
	row := any(p)
	if p.Conversation != nil {
		row = struct {
			pairAlone
			turns
		}{pairAlone{p}.withoutPrompt(), turnsOf(p)}
	}
	text, err := jsonl.Marshal(row)
	if err != nil {
		return nil, err
	}
	return withOthers(text, line)
}

// pairAlone puts a pair as deep as a Row has it: turns are over it.
type pairAlone struct{ trainer.Pair }

func (b pairAlone) withoutPrompt() pairAlone {
	b.Conversation = nil // turns have it
	return b
}

// ours are the columns that a pair is read from.
var ours = []string{"version", "id", "prompt", "chosen", "rejected", "chosen_spans", "rejected_spans", "prompt_messages"}

// withOthers appends the columns of a line that are not the pair's, as they were
// written.
func withOthers(text, line []byte) ([]byte, error) {
	members, err := jsonl.Object(line)
	if err != nil {
		return nil, err
	}
	text = text[:len(text)-len("}")]
	for _, m := range members {
		if slices.Contains(ours, m.Key) {
			continue
		}
		key, err := jsonl.Marshal(m.Key)
		if err != nil {
			return nil, err
		}
		text = append(append(append(append(text, ','), key...), ':'), m.Raw...)
	}
	return append(text, '}'), nil
}
