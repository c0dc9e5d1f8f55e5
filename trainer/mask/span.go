package mask

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"unicode/utf8"
)

// Span is a half-open range of the UTF-8 bytes of a text: [Start, End).
// In JSON it is an array of two numbers.
type Span struct{ Start, End int }

func (s Span) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "[%d,%d]", s.Start, s.End), nil
}

func (s *Span) UnmarshalJSON(data []byte) error {
	var ends []int
	if err := json.Unmarshal(data, &ends); err != nil || len(ends) != 2 {
		return fmt.Errorf("a span is [start, end] in bytes, not %.40s", data)
	}
	s.Start, s.End = ends[0], ends[1]
	return nil
}

// Mask is the part of a completion that counts: all of it, with the tokens that
// end it and stand for no text, or the bytes in Spans.
// In JSON it is "all" or an array of spans.
type Mask struct {
	All   bool
	Spans []Span
}

// All is the mask of everything.
var All = Mask{All: true}

// Empty says whether nothing is in the mask.
func (m Mask) Empty() bool { return !m.All && len(m.Spans) == 0 }

func (m Mask) MarshalJSON() ([]byte, error) {
	switch {
	case m.All:
		return []byte(`"all"`), nil
	case m.Spans == nil:
		return []byte("[]"), nil
	}
	return json.Marshal(m.Spans)
}

func (m *Mask) UnmarshalJSON(data []byte) error {
	*m = Mask{}
	if bytes.HasPrefix(data, []byte(`[`)) {
		m.Spans = []Span{}
		return json.Unmarshal(data, &m.Spans)
	}
	if string(data) != `"all"` {
		return fmt.Errorf(`spans are "all" or an array of [start, end], not %.40s`, data)
	}
	m.All = true
	return nil
}

// Check says what is wrong with m as a mask of text.
func (m Mask) Check(text string) error {
	if m.All {
		if len(m.Spans) > 0 {
			return errors.New("a mask of everything has spans too")
		}
		return nil
	}
	end := 0
	for i, s := range m.Spans {
		switch {
		case s.Start >= s.End:
			return fmt.Errorf("span %d, %d to %d, is empty", i, s.Start, s.End)
		case s.Start < 0 || s.End > len(text):
			return fmt.Errorf("span %d, %d to %d, is outside of the text, which has %d bytes", i, s.Start, s.End, len(text))
		case s.Start < end:
			return fmt.Errorf("span %d, %d to %d, overlaps the one before it or is out of order", i, s.Start, s.End)
		case !boundary(text, s.Start) || !boundary(text, s.End):
			return fmt.Errorf("span %d, %d to %d, cuts a character in two; spans count UTF-8 bytes", i, s.Start, s.End)
		}
		end = s.End
	}
	return nil
}

func boundary(text string, at int) bool {
	return at == len(text) || utf8.RuneStart(text[at])
}

// join merges spans that touch or overlap; they are sorted by their start.
func join(spans []Span) []Span {
	out := []Span{}
	for _, s := range spans {
		switch {
		case s.Start >= s.End:
		case len(out) > 0 && s.Start <= out[len(out)-1].End:
			out[len(out)-1].End = max(out[len(out)-1].End, s.End)
		default:
			out = append(out, s)
		}
	}
	return out
}

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
