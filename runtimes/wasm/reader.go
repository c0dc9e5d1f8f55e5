package wasm

import (
	"errors"
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

// AppendU32 appends v as an unsigned LEB128 number.
func AppendU32(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

// AppendS64 appends v as a signed LEB128 number; it serves i32 values too.
func AppendS64(b []byte, v int64) []byte {
	for v < -0x40 || v >= 0x40 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v)&0x7f)
}

// What can be wrong with a module; every *Error is one of these.
var (
	// ErrMalformed: the bytes are no valid WebAssembly module.
	ErrMalformed = errors.New("malformed module")
	// ErrRefused: valid by some proposal that is not accepted here.
	ErrRefused = errors.New("refused")
	// ErrTooBig: more than Bounds allow.
	ErrTooBig = errors.New("over the bounds")
	// ErrTooMuch: within Bounds by its size, but not by the work that it makes.
	ErrTooMuch = errors.New("too much to compile")
)

// Error says what is wrong with a module, and where.
type Error struct {
	Kind   error  // ErrMalformed, ErrRefused, ErrTooBig or ErrTooMuch
	Func   int    // index of the function, -1 outside of code
	Offset int    // in bytes from the module's start
	Text   string // what is wrong
}

func (e *Error) Error() string {
	if e.Func >= 0 {
		return fmt.Sprintf("%v: %s (function %d, offset 0x%x)", e.Kind, e.Text, e.Func, e.Offset)
	}
	return fmt.Sprintf("%v: %s (offset 0x%x)", e.Kind, e.Text, e.Offset)
}

// Unwrap makes errors.Is work on the kind.
func (e *Error) Unwrap() error { return e.Kind }

// Bounds limit what a module may hold. They are checked while reading, before
// memory is taken for what a count announces. Zero fields take the default
// named beside them; the defaults admit CPython with everything linked in
// (99 MB, 89,060 functions) with room to spare.
type Bounds struct {
	Bytes      int // the whole module (default 256 MiB)
	Customs    int // custom sections together, in bytes (default 32 MiB)
	Types      int // function types (default 100,000)
	Imports    int // (default 10,000)
	Functions  int // defined and imported (default 250,000)
	Params     int // parameters of a type, and results (default 1,000)
	Locals     int // locals of a function, parameters included (default 49,900: engines take 50,000, and rewriting adds some)
	AllLocals  int // locals declared in all functions together (default 20,000,000)
	BodyBytes  int // one function's code (default 8 MiB)
	Nesting    int // blocks within blocks (default 2,000)
	Operands   int // values on a function's operand stack (default 100,000)
	BrTargets  int // targets of one br_table (default 100,000)
	Globals    int // (default 10,000)
	Exports    int // (default 100,000)
	Tables     int // (default 100)
	TableSize  int // initial elements of all tables together (default 1,000,000)
	Pages      int // initial pages of the memory (default 16,384: 1 GiB)
	Tags       int // (default 1,000)
	Segments   int // data segments, and element segments (default 100,000)
	SegmentLen int // elements of one element segment (default 1,000,000)
	NameBytes  int // one import or export name (default 100,000)
	Work       int // steps of validation beside one per instruction (default 200,000,000)
}

// WithDefaults fills the zero fields.
func (b Bounds) WithDefaults() Bounds {
	for _, f := range []struct {
		v *int
		d int
	}{
		{&b.Bytes, 256 << 20}, {&b.Customs, 32 << 20}, {&b.Types, 100_000},
		{&b.Imports, 10_000}, {&b.Functions, 250_000}, {&b.Params, 1_000},
		{&b.Locals, 49_900}, {&b.BodyBytes, 8 << 20}, {&b.Nesting, 2_000},
		{&b.Operands, 100_000}, {&b.BrTargets, 100_000}, {&b.Globals, 10_000},
		{&b.Exports, 100_000}, {&b.Tables, 100}, {&b.TableSize, 1_000_000},
		{&b.Pages, 16_384}, {&b.Tags, 1_000}, {&b.Segments, 100_000},
		{&b.SegmentLen, 1_000_000}, {&b.NameBytes, 100_000}, {&b.AllLocals, 20_000_000}, {&b.Work, 200_000_000},
	} {
		if *f.v == 0 {
			*f.v = f.d
		}
	}
	return b
}
