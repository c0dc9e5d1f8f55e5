package value

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
)

// Type bytes of marshal, as far as the closed encoding has them.
const (
	typeNone      = 'N'
	typeTrue      = 'T'
	typeFalse     = 'F'
	typeInt       = 'i'
	typeLong      = 'l'
	typeFloat     = 'g'
	typeComplex   = 'y'
	typeStr       = 'u'
	typeBytes     = 's'
	typeTuple     = '('
	typeList      = '['
	typeSet       = '<'
	typeFrozenSet = '>'
	typeDict      = '{'
	typeNull      = '0'

	foreign = ".Sc:" // Ellipsis, StopIteration, code, slice: marshal's too
)

// Decode reads a value of the plain form. Nothing of it refers to raw. A value
// has one form only: AppendMarshal writes the same bytes again.
func Decode(raw []byte, b Bounds) (Value, error) {
	d, err := newDecoder(raw, b)
	if err != nil {
		return nil, err
	}
	return d.run()
}

// decoder reads one value without recursion.
type decoder struct {
	raw    []byte
	pos    int
	nodes  int     // items that may still come
	owed   int     // bytes that the open containers need at least, one for each item to come
	depth  int     // most open containers
	stack  []frame // open containers
	keys   *keyer  // for sets and dicts
	meter  *Meter
	tagged bool // bytes are bytes; sets and dicts can't be
}

// frame is an open container.
type frame struct {
	kind  byte
	start int // offset of its type byte
	want  int // items in all; -1 for a dict, which ends by a byte of its own
	items []Value
}

func newDecoder(raw []byte, b Bounds) (*decoder, error) {
	b = b.withDefaults()
	if len(raw) > b.Bytes {
		return nil, &decodeError{Reason: fmt.Sprintf("%d bytes, at most %d", len(raw), b.Bytes), Err: ErrBounds}
	}
	d := &decoder{raw: raw, nodes: b.Nodes, depth: b.Depth, owed: 1, keys: newKeyer(b.Meter), meter: b.Meter}
	d.keys.nodes = &d.nodes
	return d, nil
}

func (d *decoder) run() (Value, error) {
	for {
		v, err := d.item()
		if err != nil {
			return nil, err
		}
		for v != nil {
			if len(d.stack) == 0 {
				if d.pos != len(d.raw) {
					return nil, d.fail(d.pos, "bytes after the value", errMalformed)
				}
				return v, nil
			}
			top := &d.stack[len(d.stack)-1]
			top.items = append(top.items, v)
			if len(top.items) != top.want {
				break
			}
			if v, err = d.close(); err != nil {
				return nil, err
			}
		}
	}
}

// item reads an atom, or opens a container and gives nil, or ends a dict and gives that.
func (d *decoder) item() (Value, error) {
	start := d.pos
	if start >= len(d.raw) {
		return nil, &decodeError{Offset: start, Reason: "the bytes end within the value", Err: errMalformed}
	}
	kind := d.raw[start]
	if kind == typeNull {
		return d.endDict()
	}
	if d.nodes--; d.nodes < 0 {
		return nil, d.fail(start, "too many items", ErrBounds)
	}
	if len(d.stack) == 0 || d.stack[len(d.stack)-1].want >= 0 {
		d.owed--
	}
	if err := d.meter.Take(1); err != nil {
		return nil, err
	}
	d.pos++
	switch kind {
	case typeNone:
		return None{}, nil
	case typeTrue:
		return Bool(true), nil
	case typeFalse:
		return Bool(false), nil
	case typeInt:
		b, err := d.take(start, 4)
		if err != nil {
			return nil, err
		}
		return Small(int32(binary.LittleEndian.Uint32(b))), nil
	case typeLong:
		return d.long(start)
	case typeFloat:
		b, err := d.take(start, 8)
		if err != nil {
			return nil, err
		}
		return Float(float(b)), nil
	case typeComplex:
		b, err := d.take(start, 16)
		if err != nil {
			return nil, err
		}
		return Complex(complex(float(b), float(b[8:]))), nil
	case typeStr, typeBytes:
		return d.text(start)
	case typeTuple, typeList:
		return d.open(start)
	case typeSet, typeFrozenSet, typeDict:
		if !d.tagged {
			return d.open(start)
		}
	}
	if !d.tagged && strings.IndexByte(foreign, kind) >= 0 {
		return nil, d.fail(start, "not a type of the closed encoding", ErrForeign)
	}
	return nil, d.fail(start, "not a type of the closed encoding", errMalformed)
}

// take gives the next n bytes of the item that began at start.
func (d *decoder) take(start, n int) ([]byte, error) {
	if n > len(d.raw)-d.pos {
		return nil, d.fail(start, "the bytes end within it", errMalformed)
	}
	b := d.raw[d.pos : d.pos+n]
	d.pos += n
	return b, nil
}

// size reads the 32-bit size of the item that began at start.
func (d *decoder) size(start int) (int, error) {
	b, err := d.take(start, 4)
	if err != nil {
		return 0, err
	}
	n := int32(binary.LittleEndian.Uint32(b))
	if n < 0 {
		return 0, d.fail(start, "negative size", errMalformed)
	}
	return int(n), nil
}

func float(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }

// long reads an int of any size: 15 bits a digit, the least first.
func (d *decoder) long(start int) (Value, error) {
	head, err := d.take(start, 4)
	if err != nil {
		return nil, err
	}
	n := int(int32(binary.LittleEndian.Uint32(head)))
	negative := n < 0
	if negative {
		n = -n
	}
	digits, err := d.take(start, 2*n)
	if err != nil {
		return nil, err
	}
	if err := d.meter.text(len(digits)); err != nil {
		return nil, err
	}
	// Big-endian bytes for SetBytes, filled from the end.
	out := make([]byte, (15*n+7)/8)
	at, acc, bits := len(out), uint32(0), 0
	for i := 0; i < len(digits); i += 2 {
		digit := uint32(binary.LittleEndian.Uint16(digits[i:]))
		if digit >= 1<<15 {
			return nil, d.fail(start, "digit over 15 bits", errMalformed)
		}
		for acc, bits = acc|digit<<bits, bits+15; bits >= 8; bits -= 8 {
			at--
			out[at] = byte(acc)
			acc >>= 8
		}
	}
	if bits > 0 {
		out[at-1] = byte(acc)
	}
	if n > 0 && binary.LittleEndian.Uint16(digits[2*n-2:]) == 0 {
		return nil, d.fail(start, "leading digit is zero", errMalformed)
	}
	v := new(big.Int).SetBytes(out)
	if negative {
		v.Neg(v)
	}
	if v.IsInt64() && v.Int64() == int64(int32(v.Int64())) {
		return nil, d.fail(start, "an int of 32 bits", errMalformed)
	}
	return NewInt(v), nil
}

func (d *decoder) text(start int) (Value, error) {
	kind := d.raw[start]
	if kind == typeBytes && !d.tagged {
		return nil, d.fail(start, "send it tagged", errAmbiguous)
	}
	n, err := d.size(start)
	if err != nil {
		return nil, err
	}
	b, err := d.take(start, n)
	if err != nil {
		return nil, err
	}
	if err := d.meter.text(n); err != nil {
		return nil, err
	}
	if kind == typeBytes {
		return Bytes(b), nil
	}
	if !validText(b) {
		return nil, d.fail(start, "not UTF-8", errMalformed)
	}
	return Str(b), nil
}

// open begins a container. An empty one is closed at once.
func (d *decoder) open(start int) (Value, error) {
	kind := d.raw[start]
	if len(d.stack) >= d.depth {
		return nil, d.fail(start, "too deep", ErrBounds)
	}
	if kind == typeDict {
		d.owed++ // its last byte
		d.stack = append(d.stack, frame{kind: kind, start: start, want: -1})
		return nil, nil
	}
	n, err := d.size(start)
	if err != nil {
		return nil, err
	}
	// What is allocated for all open containers together is bounded by the bytes that are there.
	if d.owed += n; d.owed > len(d.raw)-d.pos {
		return nil, d.fail(start, "more items than bytes", errMalformed)
	}
	if n > d.nodes {
		return nil, d.fail(start, "too many items", ErrBounds)
	}
	d.stack = append(d.stack, frame{kind: kind, start: start, want: n, items: make([]Value, 0, n)})
	if n == 0 {
		return d.close()
	}
	return nil, nil
}

// endDict reads the byte that ends a dict.
func (d *decoder) endDict() (Value, error) {
	if len(d.stack) == 0 {
		return nil, d.fail(d.pos, "no dict to end", errMalformed)
	}
	top := &d.stack[len(d.stack)-1]
	if top.kind != typeDict || len(top.items)%2 != 0 {
		return nil, d.fail(d.pos, "no dict to end", errMalformed)
	}
	d.pos++
	d.owed--
	return d.close()
}

// close makes the value of the innermost open container.
func (d *decoder) close() (Value, error) {
	f := d.stack[len(d.stack)-1]
	d.stack = d.stack[:len(d.stack)-1]
	v, err := d.keys.build(f.kind, f.items)
	var bad malformed
	if errors.As(err, &bad) {
		return nil, d.fail(f.start, string(bad), errMalformed)
	}
	return v, err
}

func (d *decoder) fail(offset int, reason string, err error) error {
	e := &decodeError{Offset: offset, Reason: reason, Err: err}
	if offset < len(d.raw) {
		e.Type = d.raw[offset]
	}
	return e
}

// Tags of the tagged form; the package's documentation says what follows each.
const (
	tagTuple     = "tuple"
	tagSet       = "set"
	tagFrozenSet = "frozenset"
	tagDict      = "dict"
	tagTyped     = "typed"
	tagOpaque    = "opaque"
)

// decodeTagged reads a value of the tagged form. Nothing of it refers to raw.
// The tags count as items, but not as depth.
func decodeTagged(raw []byte, b Bounds) (Value, error) {
	b = b.withDefaults()
	b.Depth = 2 * b.Depth
	d, err := newDecoder(raw, b)
	if err != nil {
		return nil, err
	}
	d.tagged = true
	tree, err := d.run()
	if err != nil {
		return nil, err
	}
	return d.keys.untag(tree)
}

// untag gives the value that a tree stands for, or says why there is none. Its
// recursion is bounded by the depth that the tree was decoded with.
func (k *keyer) untag(tree Value) (Value, error) {
	if err := k.d.meter.Take(1); err != nil {
		return nil, err
	}
	switch tree := tree.(type) {
	case List:
		return tree, k.untagAll(tree)
	case Tuple:
		return k.untagTuple(tree)
	}
	return tree, nil
}

// untagAll untags items in place.
func (k *keyer) untagAll(items []Value) (err error) {
	for i, item := range items {
		if items[i], err = k.untag(item); err != nil {
			return err
		}
	}
	return nil
}

func (k *keyer) untagTuple(tree Tuple) (Value, error) {
	if len(tree) == 0 {
		return nil, malformed("no tag")
	}
	tag, ok := tree[0].(Str)
	if !ok {
		return nil, malformed("no tag")
	}
	switch {
	case tag == tagTyped && len(tree) == 3:
		return k.untagTyped(tree[1], tree[2])
	case tag == tagOpaque && len(tree) == 3:
		name, ok1 := tree[1].(Str)
		truth, ok2 := tree[2].(Bool)
		if !ok1 || !ok2 {
			return nil, malformed("opaque without name and truth")
		}
		return Opaque{string(name), bool(truth)}, nil
	case len(tree) == 2:
		return k.untagItems(string(tag), tree[1])
	}
	return nil, malformed(fmt.Sprintf("tag %s of %d", Repr(tag, 40), len(tree)))
}

var tagKinds = map[string]byte{
	tagTuple:     typeTuple,
	tagSet:       typeSet,
	tagFrozenSet: typeFrozenSet,
	tagDict:      typeDict,
}

func (k *keyer) untagItems(tag string, tree Value) (Value, error) {
	kind, known := tagKinds[tag]
	items, ok := tree.(List)
	switch {
	case !known:
		return nil, malformed("unknown tag " + Repr(Str(tag), 40))
	case !ok, kind == typeDict && len(items)%2 != 0:
		return nil, malformed(tag + " without its items")
	}
	if err := k.untagAll(items); err != nil {
		return nil, err
	}
	return k.build(kind, items)
}

func (k *keyer) untagTyped(nameTree, baseTree Value) (Value, error) {
	name, ok := nameTree.(Str)
	if !ok {
		return nil, malformed("typed without a name")
	}
	kind, ok := kindOf(string(name))
	if !ok {
		return nil, malformed("unknown type " + Repr(name, 80))
	}
	base, err := k.untag(baseTree)
	if err != nil {
		return nil, err
	}
	if !kind.base(base) {
		if strings.HasPrefix(string(name), arrayPrefix) { // records, objects: honest, and no answer
			return Opaque{strings.TrimSuffix(arrayPrefix, ":"), true}, nil
		}
		return nil, malformed(string(name) + " with a base of the wrong type")
	}
	if name == dictItems {
		err = k.distinct(firsts(base.(List)), 1)
	} else if kind.class == classSet {
		err = k.distinct(base.(List), 1)
	}
	return Typed{string(name), base}, err
}

// firsts gives the keys of the items of dict_items.
func firsts(items List) []Value {
	keys := make([]Value, len(items))
	for i, item := range items {
		keys[i] = item.(Tuple)[0]
	}
	return keys
}

// AppendTagged appends v in the tagged form.
func AppendTagged(dst []byte, v Value) []byte {
	switch v := v.(type) {
	case List:
		return appendTaggedItems(dst, v)
	case Tuple:
		return appendTaggedItems(appendTag(dst, 2, tagTuple), v)
	case Set:
		return appendTaggedItems(appendTag(dst, 2, tagSet), v)
	case frozenSet:
		return appendTaggedItems(appendTag(dst, 2, tagFrozenSet), v)
	case Dict:
		dst = appendSize(appendTag(dst, 2, tagDict), typeList, 2*len(v))
		for _, p := range v {
			dst = AppendTagged(AppendTagged(dst, p.Key), p.Val)
		}
		return dst
	case Typed:
		dst = appendAtom(appendTag(dst, 3, tagTyped), Str(v.Type))
		return AppendTagged(dst, v.Base)
	case Opaque:
		dst = appendAtom(appendTag(dst, 3, tagOpaque), Str(v.Type))
		return appendAtom(dst, Bool(v.True))
	}
	return appendAtom(dst, v)
}

func appendTag(dst []byte, n int, tag string) []byte {
	return appendAtom(appendSize(dst, typeTuple, n), Str(tag))
}

func appendTaggedItems(dst []byte, items []Value) []byte {
	dst = appendSize(dst, typeList, len(items))
	for _, item := range items {
		dst = AppendTagged(dst, item)
	}
	return dst
}
