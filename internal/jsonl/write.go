package jsonl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// Marshal returns a value as files of assay have it in a line: JSON as
// encoding/json writes it, but with <, > and & as they are. The line's end is
// not in it.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Write writes a value as a line, in one call.
func Write(w io.Writer, v any) error {
	line, err := Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// Text is a string that is written to JSON as Python writes it.
type Text string

// MarshalJSON is AppendString.
func (t Text) MarshalJSON() ([]byte, error) { return AppendString(nil, string(t)), nil }

// AppendString appends a JSON string as Python writes it: ASCII alone. A lone
// surrogate, three bytes in our strings, is written as the escape it came from.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 {
			if half, ok := surrogate(s); ok {
				r, n = half, 3
			}
		}
		b = appendRune(b, r)
		s = s[n:]
	}
	return append(b, '"')
}

// surrogate decodes a surrogate at the start of s.
func surrogate(s string) (rune, bool) {
	if len(s) < 3 || s[0] != 0xed || s[1]&0xe0 != 0xa0 || s[2]&0xc0 != 0x80 {
		return 0, false
	}
	return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), true
}

var escapes = map[rune]string{
	'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\b': `\b`, '\f': `\f`,
}

func appendRune(b []byte, r rune) []byte {
	if short, ok := escapes[r]; ok {
		return append(b, short...)
	}
	switch {
	case r >= ' ' && r <= '~':
		return append(b, byte(r))
	case r > 0xffff:
		high, low := utf16.EncodeRune(r)
		return fmt.Appendf(b, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(b, `\u%04x`, r)
}
