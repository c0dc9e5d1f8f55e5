package wasm

import (
	"fmt"
	"unicode/utf8"
)

// cursor reads primitive values from a part of a module. The first error
// sticks: later reads return zeros, so that callers check once.
type cursor struct {
	buf  []byte
	pos  int
	base int // offset of buf in the module
	fn   int // function being read, -1 outside of code
	err  error
}

func (c *cursor) fail(kind error, at int, format string, args ...any) {
	if c.err == nil {
		c.err = &Error{Kind: kind, Func: c.fn, Offset: c.base + at, Text: fmt.Sprintf(format, args...)}
	}
	c.pos = len(c.buf)
}

func (c *cursor) malformed(at int, format string, args ...any) {
	c.fail(ErrMalformed, at, format, args...)
}

func (c *cursor) left() int { return len(c.buf) - c.pos }

func (c *cursor) byte() byte {
	if c.pos >= len(c.buf) {
		c.malformed(c.pos, "unexpected end")
		return 0
	}
	b := c.buf[c.pos]
	c.pos++
	return b
}

// u32 reads an unsigned LEB128 number of at most 32 bits.
func (c *cursor) u32() uint32 {
	if c.pos < len(c.buf) {
		if b := c.buf[c.pos]; b < 0x80 {
			c.pos++
			return uint32(b)
		}
	}
	return c.u32Long()
}

func (c *cursor) u32Long() uint32 {
	var v uint32
	for i, start := 0, c.pos; i < 5; i++ {
		if c.pos >= len(c.buf) {
			break
		}
		b := c.buf[c.pos]
		c.pos++
		if i == 4 && b > 0x0f {
			c.malformed(start, "number longer than 32 bits")
			return 0
		}
		v |= uint32(b&0x7f) << (7 * i)
		if b < 0x80 {
			return v
		}
	}
	c.malformed(c.pos, "unexpected end in a number")
	return 0
}

// s64 reads a signed LEB128 number of at most bits (32, 33 or 64) bits.
func (c *cursor) s64(bits int) int64 {
	var v int64
	start := c.pos
	for shift := 0; shift < bits; shift += 7 {
		if c.pos >= len(c.buf) {
			c.malformed(c.pos, "unexpected end in a number")
			return 0
		}
		b := c.buf[c.pos]
		c.pos++
		v |= int64(b&0x7f) << shift
		if b >= 0x80 {
			continue
		}
		if free := bits - shift; free < 7 && !signFits(b, free) {
			break
		}
		if shift += 7; shift < 64 && b&0x40 != 0 {
			v |= -1 << shift
		}
		return v
	}
	c.malformed(start, "number longer than %d bits", bits)
	return 0
}

// signFits says whether the bits of b above the lowest free ones repeat the
// sign, as the last byte of a signed number must.
func signFits(b byte, free int) bool {
	top := int8(b<<1) >> free // sign-extended 7-bit value without its low bits
	return top == 0 || top == -1
}

// bytes takes the next n bytes, without copying.
func (c *cursor) bytes(n int) []byte {
	if n < 0 || n > c.left() {
		c.malformed(c.pos, "%d bytes announced, %d are left", n, c.left())
		return nil
	}
	b := c.buf[c.pos : c.pos+n : c.pos+n]
	c.pos += n
	return b
}

func (c *cursor) name(max int) string {
	start := c.pos
	n := c.u32()
	if int64(n) > int64(max) {
		c.fail(ErrTooBig, start, "a name of %d bytes (at most %d)", n, max)
		return ""
	}
	b := c.bytes(int(n))
	if !utf8.Valid(b) {
		c.malformed(start, "a name that is not UTF-8")
		return ""
	}
	return string(b)
}

// count reads the length of a vector and holds it against a bound and against
// the bytes left: each item takes at least one.
func (c *cursor) count(max int, what string) int {
	start := c.pos
	n := c.u32()
	if int64(n) > int64(max) {
		c.fail(ErrTooBig, start, "%d %s (at most %d)", n, what, max)
		return 0
	}
	if int(n) > c.left() {
		c.malformed(start, "%d %s announced, %d bytes are left", n, what, c.left())
		return 0
	}
	return int(n)
}

func (c *cursor) valType() ValType {
	at := c.pos
	t := ValType(c.byte())
	if c.err == nil && !t.known() {
		c.badType(at, byte(t))
	}
	return t
}

func (c *cursor) badType(at int, b byte) {
	switch {
	case b == 0x63 || b == 0x64:
		c.fail(ErrRefused, at, "typed references (0x%02x)", b)
	case b >= 0x6a && b <= 0x74:
		c.fail(ErrRefused, at, "GC (reference type 0x%02x)", b)
	default:
		c.malformed(at, "unknown type 0x%02x", b)
	}
}
