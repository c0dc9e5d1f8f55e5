package value

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/excerpt"
)

const ellipsis = "…"

// Repr gives Python's repr(v) in at most max bytes; where that cuts it, it ends
// in "…". Sets are in the order in which they were sent. A Typed is shown as its
// type's last name around its base: "deque([1, 2])". What it gives has no control
// characters, whatever is in v.
func Repr(v Value, max int) string {
	p := printer{max: max}
	p.value(v)
	return p.text()
}

// printer stops to write once it is over its cap.
type printer struct {
	b   strings.Builder
	max int
}

func (p *printer) full() bool { return p.b.Len() > p.max }

func (p *printer) text() string {
	s := p.b.String()
	if len(s) <= p.max {
		return s
	}
	cut := max(p.max-len(ellipsis), 0)
	for cut > 0 && s[cut]&0xc0 == 0x80 {
		cut--
	}
	return s[:cut] + ellipsis
}

func (p *printer) value(v Value) {
	switch v := v.(type) {
	case None:
		p.b.WriteString("None")
	case Bool:
		if v {
			p.b.WriteString("True")
		} else {
			p.b.WriteString("False")
		}
	case Small:
		p.b.WriteString(strconv.FormatInt(int64(v), 10))
	case Int:
		p.bigInt(v)
	case Float:
		p.b.WriteString(floatRepr(float64(v), true))
	case Complex:
		p.complex(complex128(v))
	case Str:
		p.str(string(v))
	case Bytes:
		p.bytes(string(v))
	case Typed:
		p.typeName(v.Type[strings.LastIndexByte(v.Type, '.')+1:], '\\')
		p.wrap("(", v.Base, ")")
	case Opaque:
		p.b.WriteByte('<')
		p.typeName(v.Type, '>')
		p.b.WriteByte('>')
	default:
		p.container(v)
	}
}

// maxTypeName bounds the name of a type, in bytes.
const maxTypeName = 200

// typeName writes the name of a type, which a guest may have made up.
func (p *printer) typeName(name string, end byte) {
	n := 0
	for n < len(name) && n+charLen(name[n:]) <= maxTypeName {
		n += charLen(name[n:])
	}
	p.escape(name[:n], end)
	if n < len(name) {
		p.b.WriteString(excerpt.Left(len(name) - n))
	}
}

func (p *printer) wrap(open string, v Value, end string) {
	p.b.WriteString(open)
	p.value(v)
	p.b.WriteString(end)
}

func (p *printer) container(v Value) {
	switch v := v.(type) {
	case List:
		p.items("[", v, "]")
	case Tuple:
		if len(v) == 1 {
			p.wrap("(", v[0], ",)")
			return
		}
		p.items("(", v, ")")
	case Set:
		if len(v) == 0 {
			p.b.WriteString("set()")
			return
		}
		p.items("{", v, "}")
	case frozenSet:
		if len(v) == 0 {
			p.b.WriteString("frozenset()")
			return
		}
		p.items("frozenset({", v, "})")
	case Dict:
		p.dict(v)
	}
}

func (p *printer) items(open string, items []Value, end string) {
	p.b.WriteString(open)
	for i, item := range items {
		if p.full() {
			return
		}
		if i > 0 {
			p.b.WriteString(", ")
		}
		p.value(item)
	}
	p.b.WriteString(end)
}

func (p *printer) dict(d Dict) {
	p.b.WriteByte('{')
	for i, pair := range d {
		if p.full() {
			return
		}
		if i > 0 {
			p.b.WriteString(", ")
		}
		p.value(pair.Key)
		p.b.WriteString(": ")
		p.value(pair.Val)
	}
	p.b.WriteByte('}')
}

// bigInt writes an int, or what it is where that would be cut anyway: to print
// millions of digits takes long.
func (p *printer) bigInt(v Int) {
	if digits := int(float64(v.V.BitLen()) * math.Log10(2)); digits > p.max {
		p.b.WriteString("<int of " + strconv.Itoa(v.V.BitLen()) + " bits>")
		return
	}
	p.b.WriteString(v.V.String())
}

func (p *printer) complex(c complex128) {
	re, im := real(c), imag(c)
	if re == 0 && !math.Signbit(re) {
		p.b.WriteString(floatRepr(im, false) + "j")
		return
	}
	sign := "+"
	if math.Signbit(im) && !math.IsNaN(im) {
		sign = ""
	}
	p.b.WriteString("(" + floatRepr(re, false) + sign + floatRepr(im, false) + "j)")
}

// floatRepr gives the shortest digits that read back as f, as Python writes them.
func floatRepr(f float64, point bool) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	s := strconv.FormatFloat(f, 'e', -1, 64)
	exp, _ := strconv.Atoi(s[strings.IndexByte(s, 'e')+1:])
	if exp < -4 || exp >= 16 {
		return s
	}
	s = strconv.FormatFloat(f, 'f', -1, 64)
	if point && !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func (p *printer) str(s string) {
	quote := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	p.b.WriteByte(quote)
	p.escape(s, quote)
	p.b.WriteByte(quote)
}

// escape writes the characters of s as between quotes.
func (p *printer) escape(s string, quote byte) {
	for s != "" && !p.full() {
		n := charLen(s)
		r := decodeChar(s[:n])
		s = s[n:]
		switch {
		case r == rune(quote) || r == '\\':
			p.b.WriteByte('\\')
			p.b.WriteRune(r)
		case r == '\n':
			p.b.WriteString(`\n`)
		case r == '\r':
			p.b.WriteString(`\r`)
		case r == '\t':
			p.b.WriteString(`\t`)
		case unicode.IsPrint(r):
			p.b.WriteRune(r)
		case r < 0x100:
			p.hex(`\x`, r, 2)
		case r < 0x10000:
			p.hex(`\u`, r, 4)
		default:
			p.hex(`\U`, r, 8)
		}
	}
}

func (p *printer) hex(prefix string, r rune, width int) {
	digits := strconv.FormatInt(int64(r), 16)
	p.b.WriteString(prefix + strings.Repeat("0", width-len(digits)) + digits)
}

func (p *printer) bytes(s string) {
	quote := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	p.b.WriteByte('b')
	p.b.WriteByte(quote)
	for i := 0; i < len(s) && !p.full(); i++ {
		if s[i] < 0x80 {
			p.escape(s[i:i+1], quote)
		} else {
			p.hex(`\x`, rune(s[i]), 2)
		}
	}
	p.b.WriteByte(quote)
}

// charLen gives the size in bytes of the first character of s, a Str that is not empty.
func charLen(s string) int {
	if r, n := utf8.DecodeRuneInString(s); r != utf8.RuneError || n != 1 {
		return n
	}
	return min(3, len(s)) // a surrogate
}

// decodeChar gives the code point of s, one character of a Str.
func decodeChar(s string) rune {
	if r, n := utf8.DecodeRuneInString(s); r != utf8.RuneError || n != 1 {
		return r
	}
	if len(s) < 3 {
		return utf8.RuneError
	}
	return rune(s[0]&0x0f)<<12 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f)
}

// appendSurrogate appends a lone surrogate as Str has it.
func appendSurrogate(dst []byte, r rune) []byte {
	return append(dst, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
}

// validText reports whether b is UTF-8 in which surrogates may stand.
func validText(b []byte) bool {
	for !utf8.Valid(b) {
		i := surrogate(b)
		if i < 0 || !utf8.Valid(b[:i]) {
			return false
		}
		b = b[i+3:]
	}
	return true
}

// surrogate gives the index of the first surrogate in b, or -1.
func surrogate(b []byte) int {
	for i := 0; i+2 < len(b); i++ {
		if b[i] == 0xed && b[i+1] >= 0xa0 && b[i+1] <= 0xbf && b[i+2]&0xc0 == 0x80 {
			return i
		}
	}
	return -1
}
