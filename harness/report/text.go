package report

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/trainer/mask"
)

// Bounds of texts, in bytes: of a program, of a value or a traceback, of what
// stands in a row of a table.
const (
	mostProgram = 64 << 10
	mostText    = 16 << 10
	mostCell    = 160
)

// class is what a stretch of a text is, for the page's colours.
type class int

// Classes, in the order of the page's style sheet and script.
const (
	plain class = iota
	keyword
	name
	builtin
	literal
	number
	comment
	removed
	added
)

// text is what the page shows: its stretches have classes. Lengths are in units
// of UTF-16, as the page's script counts.
type text struct {
	Text string `json:"t"`
	Runs []int  `json:"r,omitempty"` // class, length, class, length, …; the rest is plain
}

// shown makes any text one that can be shown: cut to most bytes, and escaped.
func shown(s string, most int) string {
	if len(s) <= most {
		return excerpt.Escape(s)
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s… (cut: %d bytes in all)", excerpt.Escape(s[:end]), len(s))
}

// line makes any text one line of a table.
func line(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, shown(strings.TrimSpace(s), mostCell))
}

// add appends a stretch.
func (t *text) add(c class, s string) {
	t.Text += s
	t.mark(c, s)
}

// mark gives what stands at the end of the stretches so far a class.
func (t *text) mark(c class, s string) {
	if s == "" {
		return
	}
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	if k := len(t.Runs); k > 0 && t.Runs[k-2] == int(c) {
		t.Runs[k-1] += n
		return
	}
	t.Runs = append(t.Runs, int(c), n)
}

// difference marks what the expected text has alone, and the actual one.
func difference(expected, actual string) (text, text) {
	e, a := shown(expected, mostText), shown(actual, mostText)
	if expected == "" || actual == "" {
		return text{Text: e}, text{Text: a}
	}
	minus, plus, err := mask.Diff(e, a, mask.Words)
	if err != nil { // they differ in too much to say in what
		return text{Text: e}, text{Text: a}
	}
	return marked(e, minus, removed), marked(a, plus, added)
}

// marked gives spans of a text a class.
func marked(s string, spans []mask.Span, c class) text {
	var t text
	at := 0
	for _, span := range spans {
		t.add(plain, s[at:span.Start])
		t.add(c, s[span.Start:span.End])
		at = span.End
	}
	t.add(plain, s[at:])
	return t
}

// newLines are the numbers, from 1, of the lines that only the second text has.
func newLines(before, after string) []int {
	_, plus, err := mask.Diff(before, after, mask.Lines)
	if err != nil {
		return nil
	}
	var numbers []int
	for n, l := range mask.Lines(after) {
		for len(plus) > 0 && plus[0].End <= l.Start {
			plus = plus[1:]
		}
		if len(plus) > 0 && plus[0].Start < l.End {
			numbers = append(numbers, n+1)
		}
	}
	return numbers
}
