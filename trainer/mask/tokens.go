package mask

import (
	"fmt"
	"sort"
)

// Rule says which tokens a span takes.
type Rule string

const (
	// Overlap takes a token that shares a byte with a span: the default. A
	// token that holds a line's end and the next line's indentation is in D⁻ if
	// either line is.
	Overlap Rule = "overlap"
	// Owner takes a token whose first byte is in a span: near to what the
	// reference code does.
	Owner Rule = "owner"
)

// Known says whether r is a rule, and if not, what there is.
func (r Rule) Known() error {
	if r != Overlap && r != Owner {
		return fmt.Errorf("no rule for tokens is called %q: there are %s and %s", r, Overlap, Owner)
	}
	return nil
}

// Tokens says for each token, given by the bytes that it stands for, whether it
// is in the mask. A token that stands for no text is in the mask of everything
// only.
func (m Mask) Tokens(rule Rule, offsets []Span) ([]bool, error) {
	if err := rule.Known(); err != nil {
		return nil, err
	}
	in := make([]bool, len(offsets))
	for i, t := range offsets {
		in[i] = m.All || m.has(rule, t)
	}
	return in, nil
}

func (m Mask) has(rule Rule, token Span) bool {
	if token.Start >= token.End {
		return false
	}
	i := sort.Search(len(m.Spans), func(i int) bool { return m.Spans[i].End > token.Start })
	if i == len(m.Spans) {
		return false
	}
	if rule == Owner {
		return m.Spans[i].Start <= token.Start
	}
	return m.Spans[i].Start < token.End
}
