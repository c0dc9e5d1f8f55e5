package value

import "math/big"

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
	FrozenSet []Value
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
func (FrozenSet) isValue() {}
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
	keys, seen := newKeyer(), make(map[any]struct{}, len(items))
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
