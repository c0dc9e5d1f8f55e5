package pairs

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/harness/guestcall"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/value"
)

// filter says of each pair of a batch whether it is dropped.
type filter struct {
	name string
	drop func(ctx context.Context, batch []*candidate) ([]bool, error)
}

// filters are the paper's in its order. Near-duplicates, which it doesn't name,
// go before the judge model, which is paid by the pair.
func (m *making) filters() []filter {
	out := []filter{
		{OnlyComments, each(func(c *candidate) (bool, error) { return c.onlyComments(), nil })},
		{ManyLines, each(func(c *candidate) (bool, error) { return len(c.minus) > m.MaxLines, nil })},
		{ManyTokens, each(m.manyTokens)},
		{EqualTrees, m.equalTrees},
	}
	if !m.KeepSimilar {
		out = append(out, filter{Similar, each(newIndex().known)})
	}
	if m.Judge != nil {
		out = append(out, filter{Surface, m.surface})
	}
	return out
}

func each(drop func(*candidate) (bool, error)) func(context.Context, []*candidate) ([]bool, error) {
	return func(_ context.Context, batch []*candidate) ([]bool, error) {
		out := make([]bool, len(batch))
		for i, c := range batch {
			var err error
			if out[i], err = drop(c); err != nil {
				return nil, fmt.Errorf("pair %s: %w", c.ID, err)
			}
		}
		return out, nil
	}
}

// onlyComments: there are comments in D⁻ and nothing else but blank lines. An
// empty D⁻ holds no comment; what becomes of it is the trainer's choice.
func (c *candidate) onlyComments() bool {
	if c.language != nil {
		return c.language.OnlyComments(c.rejected, c.minusAt)
	}
	return onlyComments(c.minus)
}

func onlyComments(minus []string) bool {
	comments := 0
	for _, line := range minus {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "#"):
			comments++
		case line != "":
			return false
		}
	}
	return comments > 0
}

func (m *making) manyTokens(c *candidate) (bool, error) {
	for _, program := range []string{c.chosen, c.rejected} {
		if over, err := m.Tokens.Exceeds(program, m.MaxTokens); over || err != nil {
			return over, err
		}
	}
	return false, nil
}

//go:embed same.py
var samePy string

// same compares two programs; usual ones take a thousandth of the fuel.
var same = guestcall.Func{
	Source: samePy, Name: "same", Easy: value.Tuple{value.Str(""), value.Str("")},
	Limits: runtimes.Limits{CallFuel: 20e9, MemoryBytes: 1 << 30},
}

// equalTrees has CPython's own ast compare Python in the guest, several instances
// at once, and tree-sitter other languages.
func (m *making) equalTrees(ctx context.Context, batch []*candidate) ([]bool, error) {
	equal, known := make([]bool, len(batch)), make([]bool, len(batch))
	g, ctx := errgroup.WithContext(ctx)
	share := (len(batch) + m.Workers - 1) / m.Workers
	for at := 0; at < len(batch); at += share {
		end := min(at+share, len(batch))
		g.Go(func() error { return m.compare(ctx, batch[at:end], equal[at:end], known[at:end]) })
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("comparing syntax trees: %w", err)
	}
	for _, ok := range known {
		if !ok {
			m.counts.Uncompared++
		}
	}
	return equal, nil
}

func (m *making) compare(ctx context.Context, part []*candidate, equal, known []bool) error {
	var args []value.Tuple
	var of []int
	for i, c := range part {
		if c.language != nil {
			equal[i], known[i] = c.language.Equal(c.rejected, c.chosen)
			continue
		}
		args, of = append(args, value.Tuple{value.Str(c.rejected), value.Str(c.chosen)}), append(of, i)
	}
	if len(args) == 0 {
		return ctx.Err()
	}
	results, err := same.Each(ctx, m.Runtime, args)
	for k, r := range results {
		is, ok := r.Value.(value.Bool)
		equal[of[k]], known[of[k]] = bool(is), ok
	}
	return err
}
