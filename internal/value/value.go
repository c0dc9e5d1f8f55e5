package value

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Value is a Python value of the closed encoding. The set of implementations
// is closed: None, Bool, Small, Int, Float, Complex, Str, Bytes, List, Tuple,
// Set, FrozenSet, Dict, Typed, Opaque.
type Value interface{ isValue() }

type (
	None struct{}
	Bool bool
	// Small is an int of 64 bits; Int is any other. NewInt picks.
	Small   int64
	Int     struct{ V *big.Int }
	Float   float64
	Complex complex128
	// Str is a Python str in UTF-8, lone surrogates as three bytes each ("surrogatepass").
	Str   string
	Bytes string
	List  []Value
	Tuple []Value
	// Set and FrozenSet hold items that are hashable and differ; NewSet sees to it.
	Set       []Value
	frozenSet []Value
	// Dict holds its items in the order of insertion. Its keys are hashable and differ.
	Dict []Pair
	// Typed is a value of another type, compared by its base as that type does.
	// The package's documentation lists the types.
	Typed struct {
		Type string // "collections.Counter", "numpy.int64", …
		Base Value
	}
	// Opaque is a value that may be tested for truth and for None, and nothing
	// else: comparing it is an error.
	Opaque struct {
		Type string // as the guest named it
		True bool
	}
)

// Pair is one item of a Dict.
type Pair struct{ Key, Val Value }

func (None) isValue()      {}
func (Bool) isValue()      {}
func (Int) isValue()       {}
func (Small) isValue()     {}
func (Float) isValue()     {}
func (Complex) isValue()   {}
func (Str) isValue()       {}
func (Bytes) isValue()     {}
func (List) isValue()      {}
func (Tuple) isValue()     {}
func (Set) isValue()       {}
func (frozenSet) isValue() {}
func (Dict) isValue()      {}
func (Typed) isValue()     {}
func (Opaque) isValue()    {}

// NewInt gives the int n, as Small where it fits. It keeps n.
func NewInt(n *big.Int) Value {
	if n.IsInt64() {
		return Small(n.Int64())
	}
	return Int{n}
}

// NewSet gives the set of items, as Python's set() does: of equal items the first.
func NewSet(items []Value) (Set, error) {
	keys, seen := newKeyer(nil), make(map[any]struct{}, len(items))
	set := make(Set, 0, len(items))
	for _, v := range items {
		key, err := keys.of(v)
		if err != nil {
			return nil, err
		}
		if _, dup := seen[key]; !dup {
			seen[key] = struct{}{}
			set = append(set, v)
		}
	}
	return set, nil
}

// build makes a container of its items, or says why there is no such value.
// The items of a dict are key, item, key, item, ….
func (k *keyer) build(kind byte, items []Value) (Value, error) {
	switch kind {
	case typeTuple:
		return Tuple(items), nil
	case typeList:
		return List(items), nil
	case typeSet:
		return Set(items), k.distinct(items, 1)
	case typeFrozenSet:
		return frozenSet(items), k.distinct(items, 1)
	}
	dict := make(Dict, len(items)/2)
	for i := range dict {
		dict[i] = Pair{items[2*i], items[2*i+1]}
	}
	return dict, k.distinct(items, 2)
}

// malformed is why a tree of items stands for no value. It wraps errMalformed.
type malformed string

func (m malformed) Error() string { return "tagged form: " + string(m) + ": " + errMalformed.Error() }
func (m malformed) Unwrap() error { return errMalformed }

// distinct says what is wrong, if anything, with every step-th item as the
// items of a set: Python has none that are unhashable or equal to another.
func (k *keyer) distinct(items []Value, step int) error {
	var seen keySet
	if n := len(items) / step; n > len(seen.few) && k.nodes != nil {
		if *k.nodes -= tableNodes * n; *k.nodes < 0 {
			return fmt.Errorf("too many items in sets and dicts: %w", ErrBounds)
		}
	}
	for i := 0; i < len(items); i += step {
		key, err := k.of(items[i])
		switch {
		case errors.Is(err, errUnhashable):
			return malformed("unhashable item in a set or as a key")
		case errors.Is(err, ErrIncomparable): // equal to nothing else
		case err != nil:
			return err
		case !seen.add(key, len(items)/step):
			return malformed("equal items in a set or as keys")
		}
	}
	return nil
}

// tableNodes is how many items' memory a table takes for each of its own.
const tableNodes = 2

// keySet is a set of keys. The first few are in no map: most dicts are small.
type keySet struct {
	few  [8]any
	n    int
	many map[any]struct{}
}

// add reports whether key is new; total is the number of keys to expect.
func (s *keySet) add(key any, total int) bool {
	if total > len(s.few) {
		if s.many == nil {
			s.many = make(map[any]struct{}, total)
		}
		s.many[key] = struct{}{}
		s.n++
		return len(s.many) == s.n
	}
	if slices.Contains(s.few[:s.n], key) {
		return false
	}
	s.few[s.n] = key
	s.n++
	return true
}

// Bounds are the most that a decoded value may have. A zero field means its default.
type Bounds struct {
	Bytes int // of the encoding; default 64 MiB
	Nodes int // items at all depths, keys included, those of large sets and dicts three times; default 4,194,304
	Depth int // containers within containers; default 1,000, as deep as Python itself compares

	Meter *Meter // counts the steps of decoding; nil: they are bounded by Bytes
}

const (
	defaultBytes = 64 << 20
	defaultNodes = 4 << 20
	defaultDepth = 1000
)

func (b Bounds) withDefaults() Bounds {
	if b.Bytes == 0 {
		b.Bytes = defaultBytes
	}
	if b.Nodes == 0 {
		b.Nodes = defaultNodes
	}
	if b.Depth == 0 {
		b.Depth = defaultDepth
	}
	return b
}

// DecodeFrame reads a value in the form that it came in, tagged or marshal's, of
// at most so many bytes, nodes and levels (runtimes.Limits has them).
func DecodeFrame(m *Meter, raw []byte, tagged bool, bytes, nodes, depth uint64) (Value, error) {
	b := Bounds{Bytes: int(bytes), Nodes: int(nodes), Depth: int(depth), Meter: m}
	if tagged {
		return decodeTagged(raw, b)
	}
	return Decode(raw, b)
}

var (
	// errMalformed is what Decode and DecodeTagged give for bytes that are not of their form.
	errMalformed = errors.New("malformed value")
	// ErrForeign is of what marshal writes and the encoding has no word for: an honest
	// program's Ellipsis, code, slice.
	ErrForeign = fmt.Errorf("a type without an encoding: %w", errMalformed)
	// errAmbiguous says that the plain form has a buffer in it, whose type only the tagged form tells.
	errAmbiguous = errors.New("a buffer, whose type is not told")
	// ErrBounds says that a value is over its Bounds.
	ErrBounds = errors.New("value over its bounds")
	// ErrIncomparable is given for a value whose comparison is not a plain true
	// or false that its contents decide: Opaque, iterators, dict_values, arrays.
	ErrIncomparable = errors.New("value that can't be compared")
	// errUnhashable is given for a value that can't be in a set or the key of a dict.
	errUnhashable = errors.New("unhashable value")
)

// decodeError says where the bytes of a value are wrong. It wraps one of
// ErrMalformed, ErrAmbiguous and ErrBounds.
type decodeError struct {
	Offset int  // in bytes; len(raw) when they end too early
	Type   byte // the type byte of the item at fault; 0 when there is none
	Reason string
	Err    error
}

func (e *decodeError) Error() string {
	if e.Type == 0 {
		return fmt.Sprintf("offset %d: %s: %v", e.Offset, e.Reason, e.Err)
	}
	return fmt.Sprintf("offset %d, type %q: %s: %v", e.Offset, e.Type, e.Reason, e.Err)
}

func (e *decodeError) Unwrap() error { return e.Err }

// class is how a value compares: values of different classes are never equal.
type class uint8

const (
	classNone class = iota
	classNumber
	classStr
	classBytes
	classList
	classTuple
	classSet
	classDict
	classDeque
	classRange
	classIncomparable
)

// kind is a type that Typed may have.
type kind struct {
	class class
	base  func(Value) bool // whether a base is of the right shape
}

const (
	counter     = "collections.Counter"
	orderedDict = "collections.OrderedDict"
	dictItems   = "dict_items"
	iterator    = "iterator"
	arrayPrefix = "numpy.ndarray:"
)

var kinds = map[string]kind{
	counter:                   {classDict, is[Dict]},
	orderedDict:               {classDict, is[Dict]},
	"collections.defaultdict": {classDict, is[Dict]},
	"collections.deque":       {classDeque, is[List]},
	"namedtuple":              {classTuple, is[Tuple]},
	"range":                   {classRange, isRange},
	"dict_keys":               {classSet, is[List]},
	dictItems:                 {classSet, isItems},
	"dict_values":             {classIncomparable, is[List]},
	iterator:                  {classIncomparable, is[List]},
	"bytearray":               {classBytes, is[Bytes]},
	"numpy.bool":              {classNumber, is[Bool]},
	"numpy.int8":              {classNumber, isInt},
	"numpy.int16":             {classNumber, isInt},
	"numpy.int32":             {classNumber, isInt},
	"numpy.int64":             {classNumber, isInt},
	"numpy.longlong":          {classNumber, isInt},
	"numpy.uint8":             {classNumber, isInt},
	"numpy.uint16":            {classNumber, isInt},
	"numpy.uint32":            {classNumber, isInt},
	"numpy.uint64":            {classNumber, isInt},
	"numpy.ulonglong":         {classNumber, isInt},
	"numpy.float16":           {classNumber, is[Float]},
	"numpy.float32":           {classNumber, is[Float]},
	"numpy.float64":           {classNumber, is[Float]},
	"numpy.longdouble":        {classNumber, is[Float]},
	"numpy.complex64":         {classNumber, is[Complex]},
	"numpy.complex128":        {classNumber, is[Complex]},
	"numpy.clongdouble":       {classNumber, is[Complex]},
	"numpy.str_":              {classStr, is[Str]},
	"numpy.bytes_":            {classBytes, is[Bytes]},
}

// kindOf gives the kind of a type name.
func kindOf(name string) (kind, bool) {
	if strings.HasPrefix(name, arrayPrefix) {
		return kind{classIncomparable, isArray}, true
	}
	k, ok := kinds[name]
	return k, ok
}

// classOf gives a value's class, and the value of a plain type that stands for it there.
func classOf(v Value) (class, Value) {
	switch v := v.(type) {
	case None:
		return classNone, v
	case Bool, Small, Int, Float, Complex:
		return classNumber, v
	case Str:
		return classStr, v
	case Bytes:
		return classBytes, v
	case List:
		return classList, v
	case Tuple:
		return classTuple, v
	case Set, frozenSet:
		return classSet, v
	case Dict:
		return classDict, v
	case Typed:
		if k, ok := kindOf(v.Type); ok {
			return k.class, v.Base
		}
	}
	return classIncomparable, v
}

func is[T Value](v Value) bool {
	_, ok := v.(T)
	return ok
}

func isInt(v Value) bool { return is[Small](v) || is[Int](v) }

func isRange(v Value) bool {
	t, ok := v.(Tuple)
	return ok && len(t) == 3 && isInt(t[0]) && isInt(t[1]) && isInt(t[2]) && t[2] != Small(0)
}

func isItems(v Value) bool {
	l, ok := v.(List)
	for _, item := range l {
		t, pair := item.(Tuple)
		ok = ok && pair && len(t) == 2
	}
	return ok
}

func isArray(v Value) bool {
	switch v := v.(type) {
	case List:
		for _, item := range v {
			if !isArray(item) {
				return false
			}
		}
	case Tuple, Set, frozenSet, Dict, Typed:
		return false
	}
	return true
}
