// Package excerpt makes what a guest, a model or a file says fit to be kept and
// shown.
//
// Its invariant: what it gives is valid UTF-8, no longer than was asked for, says
// how much was left out, and has no character in it that can't be seen or that
// moves others (controls, bidirectional marks, format characters, strange line
// ends): these are written as escapes. What it gave once it leaves as it is, so a
// text may pass through it at every door.
//
// It imports nothing of assay.
package excerpt

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line is a text as one line of at most most bytes: line ends and tabs are
// written as escapes too.
func Line(s string, most int) string { return cut(s, most, false) }

// Lines is a text of at most most bytes whose line ends and tabs stay.
func Lines(s string, most int) string { return cut(s, most, true) }

// Escape is the whole of a text, with its line ends and tabs.
func Escape(s string) string {
	if clean(s, true) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		n := escape(&b, s, true)
		s = s[n:]
	}
	return b.String()
}

// Left is the sign that so many bytes of a text were left out.
func Left(n int) string {
	if n == 1 {
		return "… (1 more byte)"
	}
	return leftHead + grouped(n) + leftTail
}

const (
	leftHead = "… ("
	leftTail = " more bytes)"
)

// left takes the sign at the end of a text off, and says what it said.
func left(s string) (text string, n int) {
	at := strings.LastIndex(s[max(0, len(s)-len(Left(math.MaxInt))):], leftHead)
	if at < 0 || !strings.HasSuffix(s, leftTail) {
		return s, 0
	}
	at += max(0, len(s)-len(Left(math.MaxInt)))
	digits := strings.TrimSuffix(s[at+len(leftHead):], leftTail)
	n, err := strconv.Atoi(strings.ReplaceAll(digits, ",", ""))
	if err != nil || n < 2 || n > 1<<50 || digits != grouped(n) {
		return s, 0
	}
	return s[:at], n
}

func grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// cut looks at no more of s than it keeps.
func cut(s string, most int, lines bool) string {
	if len(s) <= most && clean(s, lines) {
		return s
	}
	whole := s
	s, before := left(s) // what is cut again was longer still
	// at and kept are the last place at which the sign for all that follows would
	// still fit.
	var b strings.Builder
	room := most - len(Left(len(s)+before))
	at, kept := 0, 0
	for i := 0; i < len(s); {
		i += escape(&b, s[i:], lines)
		if b.Len() <= room {
			at, kept = i, b.Len()
		}
		if b.Len()+len(whole)-len(s) > most {
			return b.String()[:kept] + Left(len(s)-at+before)
		}
	}
	return b.String() + whole[len(s):]
}

// clean says whether there is nothing in s to be escaped.
func clean(s string, lines bool) bool {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return false
			}
		}
		if !visible(r, lines) {
			return false
		}
	}
	return true
}

func visible(r rune, lines bool) bool {
	return lines && (r == '\n' || r == '\t') || unicode.IsGraphic(r) && !blank(r)
}

// blank says of some letters and symbols that they are drawn as nothing.
func blank(r rune) bool {
	switch r {
	case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0:
		return true
	}
	return r >= 0xe0100 && r <= 0xe01ef // selectors of variants, which carry bytes if need be
}

// escape writes the first character of s, and gives its bytes in s.
func escape(b *strings.Builder, s string, lines bool) int {
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && n == 1:
		fmt.Fprintf(b, `\x%02x`, s[0])
	case visible(r, lines):
		b.WriteString(s[:n])
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\t':
		b.WriteString(`\t`)
	case r < 0x80:
		fmt.Fprintf(b, `\x%02x`, r)
	case r < 0x10000:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
	return n
}
