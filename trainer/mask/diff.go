package mask

import (
	"fmt"
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

// Diff returns D⁻ and D⁺: the pieces of rejected and of chosen that are outside
// of their longest common subsequence.
func Diff(rejected, chosen string, cut Pieces) (minus, plus []Span, err error) {
	r, c := cut(rejected), cut(chosen)
	hunks, err := diff(texts(rejected, r), texts(chosen, c))
	if err != nil {
		return nil, nil, err
	}
	for _, h := range hunks {
		minus = append(minus, r[h.rejected[0]:h.rejected[1]]...)
		plus = append(plus, c[h.chosen[0]:h.chosen[1]]...)
	}
	return join(minus), join(plus), nil
}

// Affix returns what lies between the pieces that both texts start with and
// those that both end with.
func Affix(rejected, chosen string, cut Pieces) (minus, plus []Span) {
	r, c := cut(rejected), cut(chosen)
	head, tail := affix(texts(rejected, r), texts(chosen, c))
	return join(r[head : len(r)-tail]), join(c[head : len(c)-tail])
}

func texts(text string, pieces []Span) []string {
	out := make([]string, len(pieces))
	for i, p := range pieces {
		out[i] = text[p.Start:p.End]
	}
	return out
}

// maxCells bounds the table of a diff, in cells of four bytes. What both texts
// start and end with is not in it.
const maxCells = 1 << 24

// hunk is a place where the texts differ: pieces [from, to) of either, one of
// which may be empty.
type hunk struct{ rejected, chosen [2]int }

// diff returns the hunks around the longest common subsequence of the pieces.
// Where there are several, it keeps the one that matches earliest, and gives up
// a piece of rejected before one of chosen; no piece is junk, however common.
func diff(rejected, chosen []string) ([]hunk, error) {
	head, tail := affix(rejected, chosen)
	a, b := rejected[head:len(rejected)-tail], chosen[head:len(chosen)-tail]
	if len(a) > 0 && len(b) > maxCells/len(a) {
		return nil, fmt.Errorf("the texts differ in too much: %d by %d pieces, and at most %d are compared", len(a), len(b), maxCells)
	}
	rest := lengths(a, b)
	var hunks []hunk
	open := false
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		if i < len(a) && j < len(b) && a[i] == b[j] {
			i, j, open = i+1, j+1, false
			continue
		}
		if !open {
			hunks = append(hunks, hunk{[2]int{head + i, head + i}, [2]int{head + j, head + j}})
			open = true
		}
		if j == len(b) || i < len(a) && rest[i+1][j] >= rest[i][j+1] {
			i++
		} else {
			j++
		}
		hunks[len(hunks)-1].rejected[1], hunks[len(hunks)-1].chosen[1] = head+i, head+j
	}
	return hunks, nil
}

// affix counts what a and b start and end with in common; the two don't overlap.
func affix(a, b []string) (head, tail int) {
	n := min(len(a), len(b))
	for head < n && a[head] == b[head] {
		head++
	}
	for tail < n-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	return head, tail
}

// lengths gives at [i][j] the length of the longest common subsequence of a
// from i on and b from j on.
func lengths(a, b []string) [][]int32 {
	table := make([][]int32, len(a)+1)
	for i := range table {
		table[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	return table
}
