package value

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	maxJSONDepth  = 1000      // containers within containers
	maxJSONDigits = 1_000_000 // of one int
)

// errJSON is wrapped, with the offset, by what ParseJSON says of bytes that are no JSON.
var errJSON = errors.New("not JSON")

// ParseJSON reads text as Python's json.loads does: ints of any size, NaN,
// Infinity and -Infinity, lone surrogates when escaped, and of equal keys the
// last item (in the place of the first). Arrays are List, objects Dict.
func ParseJSON(text []byte) (Value, error) {
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("invalid UTF-8: %w", errJSON)
	}
	p := jsonParser{text: text}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.pos != len(text) {
		return nil, p.fail("something after the value")
	}
	return v, nil
}

type jsonParser struct {
	text []byte
	pos  int
}

func (p *jsonParser) fail(reason string) error {
	return fmt.Errorf("offset %d: %s: %w", p.pos, reason, errJSON)
}

func (p *jsonParser) space() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// next gives the next byte that is no space, 0 at the end.
func (p *jsonParser) next() byte {
	p.space()
	return p.peek()
}

func (p *jsonParser) peek() byte {
	if p.pos == len(p.text) {
		return 0
	}
	return p.text[p.pos]
}

var jsonWords = []struct {
	word  string
	value Value
}{
	{"null", None{}},
	{"true", Bool(true)},
	{"false", Bool(false)},
	{"NaN", Float(math.NaN())},
	{"Infinity", Float(math.Inf(1))},
	{"-Infinity", Float(math.Inf(-1))},
}

func (p *jsonParser) value(depth int) (Value, error) {
	if depth > maxJSONDepth {
		return nil, p.fail(fmt.Sprintf("nested deeper than %d", maxJSONDepth))
	}
	switch c := p.next(); {
	case c == '[':
		return p.array(depth)
	case c == '{':
		return p.object(depth)
	case c == '"':
		s, err := p.str()
		return Str(s), err
	case c >= '0' && c <= '9':
		return p.number()
	}
	for _, w := range jsonWords {
		if len(p.text)-p.pos >= len(w.word) && string(p.text[p.pos:p.pos+len(w.word)]) == w.word {
			p.pos += len(w.word)
			return w.value, nil
		}
	}
	return p.number()
}

func (p *jsonParser) array(depth int) (Value, error) {
	p.pos++
	list := List{}
	if p.next() == ']' {
		p.pos++
		return list, nil
	}
	for {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		more, err := p.separator(']')
		if !more {
			return list, err
		}
	}
}

// separator reads a comma, or the end of a container.
func (p *jsonParser) separator(end byte) (more bool, err error) {
	switch p.next() {
	case ',':
		p.pos++
		return true, nil
	case end:
		p.pos++
		return false, nil
	}
	return false, p.fail(fmt.Sprintf("no ',' or '%c'", end))
}

func (p *jsonParser) object(depth int) (Value, error) {
	p.pos++
	dict, index := Dict{}, map[Str]int{}
	if p.next() == '}' {
		p.pos++
		return dict, nil
	}
	for {
		if p.next() != '"' {
			return nil, p.fail("no key in double quotes")
		}
		key, err := p.str()
		if err != nil {
			return nil, err
		}
		if p.next() != ':' {
			return nil, p.fail("no ':' after the key")
		}
		p.pos++
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if at, dup := index[Str(key)]; dup {
			dict[at].Val = v
		} else {
			index[Str(key)] = len(dict)
			dict = append(dict, Pair{Str(key), v})
		}
		more, err := p.separator('}')
		if !more {
			return dict, err
		}
	}
}

func (p *jsonParser) digits() (n int) {
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.pos++
		n++
	}
	return n
}

func (p *jsonParser) number() (Value, error) {
	start := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	if p.peek() == '0' {
		p.pos++
	} else if p.digits() == 0 {
		return nil, p.fail("no value")
	}
	end := p.pos
	if p.peek() == '.' {
		p.pos++
		if p.digits() == 0 {
			p.pos = end // a lone point is left, to be refused
			return p.integer(start)
		}
		end = p.pos
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.pos++
		if c := p.peek(); c == '+' || c == '-' {
			p.pos++
		}
		if p.digits() > 0 {
			end = p.pos
		}
	}
	p.pos = end
	return p.finish(start)
}

// finish makes the number of the bytes from start.
func (p *jsonParser) finish(start int) (Value, error) {
	s := string(p.text[start:p.pos])
	for i := range len(s) {
		if c := s[i]; c == '.' || c == 'e' || c == 'E' {
			f, _ := strconv.ParseFloat(s, 64) // out of range: ±Inf, as in Python
			return Float(f), nil
		}
	}
	return p.integer(start)
}

func (p *jsonParser) integer(start int) (Value, error) {
	s := string(p.text[start:p.pos])
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return Small(n), nil
	}
	if len(s) > maxJSONDigits {
		return nil, p.fail(fmt.Sprintf("an int of more than %d digits", maxJSONDigits))
	}
	n, _ := new(big.Int).SetString(s, 10)
	return NewInt(n), nil
}

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
