package mask

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Pieces cuts a text into the pieces that a diff compares. Together they are
// the whole text.
type Pieces func(text string) []Span

// Lines cuts after every \n, and nowhere else: \r, form feed and U+2028 are
// characters of a line. A line has its terminator.
func Lines(text string) []Span {
	var lines []Span
	for at := 0; at < len(text); {
		end := len(text)
		if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		lines = append(lines, Span{at, end})
		at = end
	}
	return lines
}

// Words cuts into what a reader of programs takes for a token, in any language
// and for any tokenizer: a name or number, a run of blanks, one line end, one
// sign.
func Words(text string) []Span {
	var words []Span
	last := sign
	for at, r := range text {
		_, size := utf8.DecodeRuneInString(text[at:])
		kind := kindOf(r)
		if kind != sign && kind == last {
			words[len(words)-1].End = at + size
			continue
		}
		words = append(words, Span{at, at + size})
		last = kind
	}
	return words
}

type kind int

const (
	sign kind = iota
	blank
	name
)

func kindOf(r rune) kind {
	switch {
	case r == ' ' || r == '\t':
		return blank
	case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
		return name
	}
	return sign
}
