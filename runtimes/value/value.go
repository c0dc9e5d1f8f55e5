package value

import "math/big"

// Value is a Python value of the closed encoding. The set of implementations
// is closed: None, Bool, Int, Float, Complex, Str, Bytes, List, Tuple, Set,
// FrozenSet, Dict, Typed, Opaque.
type Value interface{ isValue() }

type (
	None    struct{}
	Bool    bool
	Int     struct{ V *big.Int } // Small holds what fits; see NewInt
	Small   int64                // an int that fits 64 bits; Int is used only for the others
	Float   float64
	Complex complex128
	// Str is a Python str in UTF-8, lone surrogates as three bytes each ("surrogatepass").
	Str       string
	Bytes     string
	List      []Value
	Tuple     []Value
	Set       []Value
	FrozenSet []Value
	Dict      []Pair // in insertion order
	// Typed is a value of another type that is compared by its base: Counter,
	// defaultdict, OrderedDict, deque, namedtuple, range, dict views, bytearray, numpy scalars and arrays.
	Typed struct {
		Type string // "collections.Counter", "numpy.int64", …
		Base Value
	}
	// Opaque is a value that may be tested for truth and for None, and nothing
	// else: comparing it is bad_value.
	Opaque struct {
		Type string
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
func (FrozenSet) isValue() {}
func (Dict) isValue()      {}
func (Typed) isValue()     {}
func (Opaque) isValue()    {}
