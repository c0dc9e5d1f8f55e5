package value

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math"
	"math/big"
	"math/bits"
	"slices"
	"strings"
)

// Digest is the SHA-256 of a normal form of Python's equality, in which
// True = 1 = 1.0, sets and dicts have no order, and a Typed is its base.
//
// Two values have equal digests exactly if they are equal, where one of them is
// Decisive. It is an error wrapping ErrIncomparable for what Equal
// can't compare.
func Digest(m *Meter, v Value) ([32]byte, error) {
	d := digester{hash: sha256.New(), meter: m}
	if err := d.value(v); err != nil {
		return [32]byte{}, err
	}
	d.hash.Write(d.buf)
	return [32]byte(d.hash.Sum(nil)), nil
}

// digester writes the normal form: for each item a tag, then its contents with
// their size, so that no two values have the same.
type digester struct {
	hash  hash.Hash
	buf   []byte
	meter *Meter
	held  int                  // sets and dicts whose items are being digested one by one at the end of buf
	nan   bool                 // a NaN was met
	memo  map[*Value]setDigest // of frozensets, by their first item; nil: none are kept
}

// setDigest is what the normal form has of a frozenset.
type setDigest struct {
	sum [32]byte
	nan bool
}

const (
	flushAt  = 32 << 10
	longText = 1 << 10
)

func (d *digester) value(v Value) error {
	if len(d.buf) >= flushAt && d.held == 0 {
		d.hash.Write(d.buf)
		d.buf = d.buf[:0]
	}
	if err := d.meter.text(extent(v)); err != nil {
		return err
	}
	switch v := v.(type) { // the common ones, without a class
	case Small:
		d.small(int64(v))
		return nil
	case Str:
		d.text('u', string(v))
		return nil
	}
	switch c, v := classOf(v); c {
	case classNone:
		d.buf = append(d.buf, 'N')
	case classNumber:
		d.number(v)
	case classStr:
		d.text('u', string(v.(Str)))
	case classBytes:
		d.text('s', string(v.(Bytes)))
	case classList:
		return d.sequence('[', v.(List))
	case classTuple:
		return d.sequence('(', v.(Tuple))
	case classDeque:
		return d.sequence('q', v.(List))
	case classRange:
		normal, err := rangeNormal(d.meter, v.(Tuple))
		if err != nil {
			return err
		}
		return d.sequence('r', normal)
	case classSet:
		return d.set(v)
	case classDict:
		return d.dict(v.(Dict))
	default:
		return incomparable(v)
	}
	return nil
}

func (d *digester) size(tag byte, n int) {
	d.buf = binary.AppendUvarint(append(d.buf, tag), uint64(n))
}

// text writes a text after its tag and size; a long one by its own digest.
func (d *digester) text(tag byte, s string) {
	d.size(tag, len(s))
	if len(s) <= longText {
		d.buf = append(d.buf, s...)
		return
	}
	h := sha256.New()
	for part := make([]byte, min(len(s), flushAt)); s != ""; {
		n := copy(part, s)
		h.Write(part[:n])
		s = s[n:]
	}
	d.buf = h.Sum(d.buf)
}

func (d *digester) sequence(tag byte, items []Value) error {
	d.size(tag, len(items))
	for _, item := range items {
		if err := d.value(item); err != nil {
			return err
		}
	}
	return nil
}

func (d *digester) set(v Value) error {
	items := elements(v)
	keep := d.memo != nil && is[frozenSet](v) && len(items) > 0
	if keep {
		if known, ok := d.memo[&items[0]]; ok {
			d.buf = append(append(d.buf, '<'), known.sum[:]...)
			d.nan = d.nan || known.nan
			return nil
		}
	}
	outer := d.nan
	d.nan = false
	sum, err := d.unordered(len(items), func(i int) error { return d.value(items[i]) })
	if err != nil {
		return err
	}
	if keep {
		d.memo[&items[0]] = setDigest{sum, d.nan}
	}
	d.nan = d.nan || outer
	d.buf = append(append(d.buf, '<'), sum[:]...)
	return nil
}

func (d *digester) dict(v Dict) error {
	sum, err := d.unordered(len(v), func(i int) error {
		if err := d.value(v[i].Key); err != nil {
			return err
		}
		return d.value(v[i].Val)
	})
	d.buf = append(append(d.buf, '{'), sum[:]...)
	return err
}

// unordered gives the digest of the sorted marks of n items, each written by item.
func (d *digester) unordered(n int, item func(i int) error) ([32]byte, error) {
	if err := d.meter.product(n, bits.Len(uint(n))); err != nil { // they are sorted
		return [32]byte{}, err
	}
	d.held++
	defer func() { d.held-- }()
	marks := make([][32]byte, n)
	start := len(d.buf)
	for i := range marks {
		if err := item(i); err != nil {
			return [32]byte{}, err
		}
		marks[i] = mark(d.buf[start:])
		d.buf = d.buf[:start]
	}
	slices.SortFunc(marks, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	h := sha256.New()
	for i := range marks {
		h.Write(marks[i][:])
	}
	return [32]byte(h.Sum(nil)), nil
}

// mark stands for the normal form of an item: itself where it is short, with its
// length in front, else a digest.
func mark(form []byte) (m [32]byte) {
	if len(form) < len(m) {
		m[0] = byte(len(form))
		copy(m[1:], form)
		return m
	}
	m = sha256.Sum256(form)
	m[0] = 0xff
	return m
}

func (d *digester) small(n int64) {
	d.buf = binary.AppendVarint(append(d.buf, 'i'), n)
}

func (d *digester) big(n *big.Int) {
	if n.IsInt64() {
		d.small(n.Int64())
		return
	}
	tag := byte('I')
	if n.Sign() < 0 {
		tag = 'J'
	}
	d.text(tag, string(n.Bytes()))
}

func (d *digester) number(v Value) {
	switch v := v.(type) {
	case Bool:
		d.small(bit(v))
	case Small:
		d.small(int64(v))
	case Int:
		d.big(v.V)
	case Float:
		d.float(float64(v))
	case Complex:
		d.complex(complex128(v))
	}
}

func (d *digester) float(f float64) {
	if n, ok := integral(f); ok {
		d.big(n)
		return
	}
	if math.IsNaN(f) {
		d.nan = true
		d.buf = append(d.buf, 'n')
		return
	}
	d.buf = binary.LittleEndian.AppendUint64(append(d.buf, 'g'), math.Float64bits(f))
}

func (d *digester) complex(c complex128) {
	if imag(c) == 0 {
		d.float(real(c))
		return
	}
	d.buf = append(d.buf, 'y')
	d.float(real(c))
	d.float(imag(c))
}

func incomparable(v Value) error {
	switch v := v.(type) {
	case Typed:
		return fmt.Errorf("%s: %w", v.Type, ErrIncomparable)
	case Opaque:
		return fmt.Errorf("%s: %w", v.Type, ErrIncomparable)
	}
	return ErrIncomparable
}

// keyer gives keys for Go maps. It keeps the digests of the frozensets that it
// has met, so that what is nested deeply is hashed once and not at each level.
type keyer struct {
	d     digester
	nodes *int // of the decoder that it works for: what may still come; or nil
}

func newKeyer(m *Meter) *keyer {
	return &keyer{d: digester{held: 1, memo: map[*Value]setDigest{}, meter: m}}
}

// bigKey and digestKey are keys apart from every value.
type (
	bigKey    string
	digestKey [32]byte
)

// of gives the key of v: two hashable values have the same key exactly if they
// are equal. The key of a NaN, and of what holds one, is like no other. The
// error wraps ErrUnhashable, or ErrIncomparable where Python hashes by identity.
func (k *keyer) of(v Value) (any, error) {
	if err := hashable(k.d.meter, v); err != nil {
		return nil, err
	}
	switch c, base := classOf(v); c {
	case classNumber:
		return numberKey(base), nil
	case classNone, classStr, classBytes:
		return base, nil
	}
	return k.digest(v)
}

// digest gives a key for what may be unhashable too: the digest of its normal form.
func (k *keyer) digest(v Value) (any, error) {
	k.d.buf, k.d.nan = k.d.buf[:0], false
	if err := k.d.value(v); err != nil {
		return nil, err
	}
	if k.d.nan {
		return new(digestKey), nil
	}
	return digestKey(sha256.Sum256(k.d.buf)), nil
}

// hashable is nil if Python can hash v by its contents.
func hashable(m *Meter, v Value) error {
	if err := m.text(extent(v)); err != nil {
		return err
	}
	switch v := v.(type) {
	case List, Set, Dict:
		return fmt.Errorf("%T: %w", v, errUnhashable)
	case Tuple:
		for _, item := range v {
			if err := hashable(m, item); err != nil {
				return err
			}
		}
	case Typed:
		return hashableTyped(m, v)
	case Opaque:
		return incomparable(v)
	}
	return nil
}

func hashableTyped(m *Meter, v Typed) error {
	switch c, base := classOf(v); {
	case c == classTuple:
		return hashable(m, base)
	case v.Type == iterator || v.Type == "dict_values":
		return incomparable(v)
	case v.Type == "range" || strings.HasPrefix(v.Type, "numpy.") && c != classIncomparable:
		return nil
	}
	return fmt.Errorf("%s: %w", v.Type, errUnhashable)
}

// numberKey is the key of a plain number.
func numberKey(v Value) any {
	switch v := v.(type) {
	case Bool:
		return Small(bit(v))
	case Int:
		return intKey(v.V)
	case Float:
		return floatKey(float64(v))
	case Complex:
		return complexKey(complex128(v))
	}
	return v
}

func bit(b Bool) int64 {
	if b {
		return 1
	}
	return 0
}

func intKey(n *big.Int) any {
	if n.IsInt64() {
		return Small(n.Int64())
	}
	sign := "+"
	if n.Sign() < 0 {
		sign = "-"
	}
	return bigKey(sign + string(n.Bytes())) // digits of any base but 2 would take long
}

func floatKey(f float64) any {
	if math.IsNaN(f) {
		return new(Float)
	}
	if n, ok := integral(f); ok {
		return intKey(n)
	}
	return Float(f)
}

func complexKey(c complex128) any {
	switch {
	case math.IsNaN(real(c)) || math.IsNaN(imag(c)):
		return new(Complex)
	case imag(c) == 0:
		return floatKey(real(c))
	}
	return Complex(complex(real(c)+0, imag(c))) // -0 + 0 = 0
}

// integral gives the int equal to f, if there is one.
func integral(f float64) (*big.Int, bool) {
	if math.IsInf(f, 0) || f != math.Trunc(f) {
		return nil, false
	}
	if f >= -1<<63 && f < 1<<63 {
		return big.NewInt(int64(f)), true
	}
	n, _ := big.NewFloat(f).Int(nil)
	return n, true
}
