package value

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

var jsonEscapes = map[byte]byte{
	'"': '"', '\\': '\\', '/': '/',
	'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// str reads a string, at its first quote.
func (p *jsonParser) str() (string, error) {
	p.pos++
	var out []byte
	for run := p.pos; ; {
		if p.pos == len(p.text) {
			return "", p.fail("a string without its end")
		}
		switch c := p.text[p.pos]; {
		case c == '"':
			p.pos++
			return string(append(out, p.text[run:p.pos-1]...)), nil
		case c < ' ':
			return "", p.fail("a control character in a string")
		case c == '\\':
			out = append(out, p.text[run:p.pos]...)
			var err error
			if out, err = p.escape(out); err != nil {
				return "", err
			}
			run = p.pos
		default:
			p.pos++
		}
	}
}

// escape reads what begins with a backslash and appends what it stands for.
func (p *jsonParser) escape(out []byte) ([]byte, error) {
	p.pos++
	c := p.peek()
	if c == 'u' {
		return p.unicode(out)
	}
	e, ok := jsonEscapes[c]
	if !ok {
		return nil, p.fail("unknown escape")
	}
	p.pos++
	return append(out, e), nil
}

// unicode reads an escape of four digits, or two that are one character.
func (p *jsonParser) unicode(out []byte) ([]byte, error) {
	r, ok := p.hex4()
	if !ok {
		return nil, p.fail("no four digits after \\u")
	}
	if !utf16.IsSurrogate(r) {
		return utf8.AppendRune(out, r), nil
	}
	if mark := p.pos; p.peek() == '\\' {
		p.pos++
		low, ok := p.hex4()
		if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
			return utf8.AppendRune(out, pair), nil
		}
		p.pos = mark
	}
	return appendSurrogate(out, r), nil
}

// hex4 reads 'u' and four digits.
func (p *jsonParser) hex4() (rune, bool) {
	if len(p.text)-p.pos < 5 || p.text[p.pos] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.text[p.pos+1:p.pos+5]), 16, 16)
	if err != nil {
		return 0, false
	}
	p.pos += 5
	return rune(n), true
}
