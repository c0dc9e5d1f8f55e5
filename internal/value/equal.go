package value

import (
	"errors"
	"math"
	"math/big"
)

// Equal reports whether Python says a == b.
//
// Numbers compare by their exact value across bool, int, float and complex; a
// NaN equals nothing. (Python also takes one and the same object in a list for
// equal to itself; values have no identity here.) What can't be compared is an
// error wrapping ErrIncomparable, if the comparison gets that far.
func Equal(m *Meter, a, b Value) (bool, error) {
	if err := m.text(min(extent(a), extent(b))); err != nil {
		return false, err
	}
	switch x := a.(type) { // the common ones, without a class
	case Small:
		if y, ok := b.(Small); ok {
			return x == y, nil
		}
	case Str:
		if y, ok := b.(Str); ok {
			return x == y, nil
		}
	}
	classA, x := classOf(a)
	classB, y := classOf(b)
	switch {
	case classA == classIncomparable:
		return false, incomparable(a)
	case classB == classIncomparable:
		return false, incomparable(b)
	case classA != classB:
		return false, nil
	}
	switch classA {
	case classNumber:
		return equalNumbers(x, y), nil
	case classList, classDeque:
		return equalItems(m, x.(List), y.(List))
	case classTuple:
		return equalItems(m, x.(Tuple), y.(Tuple))
	case classRange:
		return equalRanges(m, x.(Tuple), y.(Tuple))
	case classSet:
		return equalSets(m, elements(x), elements(y))
	case classDict:
		return equalMappings(m, a, b, x.(Dict), y.(Dict))
	}
	return x == y, nil // None, Str, Bytes
}

// extent is how many bytes of text or digits a value has itself.
func extent(v Value) int {
	switch v := v.(type) {
	case Str:
		return len(v)
	case Bytes:
		return len(v)
	case Int:
		return v.V.BitLen() / 8
	case Typed:
		return len(v.Type) + extent(v.Base)
	}
	return 0
}

func equalNumbers(a, b Value) bool { return numberKey(a) == numberKey(b) }

func equalRanges(m *Meter, a, b Tuple) (bool, error) {
	x, err := rangeNormal(m, a)
	if err != nil {
		return false, err
	}
	y, err := rangeNormal(m, b)
	if err != nil {
		return false, err
	}
	return equalItems(m, x, y)
}

func equalItems(m *Meter, a, b []Value) (bool, error) {
	if len(a) != len(b) {
		return false, nil
	}
	for i := range a {
		if same, err := Equal(m, a[i], b[i]); !same {
			return false, err
		}
	}
	return true, nil
}

// equalMappings compares two dicts or subclasses of dict.
func equalMappings(m *Meter, a, b Value, x, y Dict) (bool, error) {
	switch {
	case isType(a, counter) && isType(b, counter):
		return equalCounts(m, x, y)
	case isType(a, orderedDict) && isType(b, orderedDict):
		return equalOrdered(m, x, y)
	}
	if len(x) != len(y) {
		return false, nil
	}
	index, err := indexDict(m, y)
	if err != nil {
		return false, err
	}
	for _, p := range x {
		other, err := index.find(p.Key)
		if other == nil {
			return false, err
		}
		if same, err := Equal(m, p.Val, other); !same {
			return false, err
		}
	}
	return true, nil
}

func isType(v Value, name string) bool {
	t, ok := v.(Typed)
	return ok && t.Type == name
}

// equalCounts compares two Counters, for which a count that is missing is 0.
func equalCounts(m *Meter, x, y Dict) (bool, error) {
	for round := range 2 {
		index, err := indexDict(m, y)
		if err != nil {
			return false, err
		}
		for _, p := range x {
			other, err := index.find(p.Key)
			switch {
			case err != nil:
				return false, err
			case other == nil:
				other = Small(0)
			case round > 0:
				continue // compared before
			}
			if same, err := Equal(m, p.Val, other); !same {
				return false, err
			}
		}
		x, y = y, x
	}
	return true, nil
}

// equalOrdered compares two OrderedDicts.
func equalOrdered(m *Meter, x, y Dict) (bool, error) {
	if len(x) != len(y) {
		return false, nil
	}
	for i := range x {
		if same, err := Equal(m, x[i].Key, y[i].Key); !same {
			return false, err
		}
		if same, err := Equal(m, x[i].Val, y[i].Val); !same {
			return false, err
		}
	}
	return true, nil
}

// equalSets compares what has distinct items in no order. The items of
// dict_items may be unhashable, so it is their digests that are looked up.
func equalSets(m *Meter, a, b []Value) (bool, error) {
	if len(a) != len(b) {
		return false, nil
	}
	keys := newKeyer(m)
	seen := make(map[any]struct{}, len(b))
	for _, v := range b {
		key, err := keys.digest(v)
		if err != nil {
			return false, err
		}
		seen[key] = struct{}{}
	}
	for _, v := range a {
		key, err := keys.digest(v)
		if err != nil {
			return false, err
		}
		if _, ok := seen[key]; !ok {
			return false, nil
		}
	}
	return true, nil
}

// EqualAsSets reports whether Python says set(a) == set(b); it is false where
// Python raises. No more is kept of b than there is in a.
func EqualAsSets(m *Meter, a, b Value) (bool, error) {
	keys, had := newKeyer(m), map[any]bool{} // the keys of a; whether b has each
	err := each(m, a, func(item Value) error {
		key, err := keys.of(item)
		had[key] = false
		return err
	})
	left := len(had)
	if t, ok := b.(Typed); ok && err == nil && t.Type == "range" { // whose items differ
		var n *big.Int
		if n, err = rangeLen(m, t.Base.(Tuple)); err == nil && n.Cmp(big.NewInt(int64(left))) != 0 {
			return false, nil
		}
	}
	if err == nil {
		err = each(m, b, func(item Value) error {
			key, err := keys.of(item)
			if seen, ok := had[key]; err == nil && !ok {
				return errNotThere
			} else if err == nil && !seen {
				had[key] = true
				left--
			}
			return err
		})
	}
	for _, raised := range []error{errNotThere, errUnhashable, ErrIncomparable, errNotIterable} {
		if errors.Is(err, raised) {
			return false, nil
		}
	}
	return left == 0 && err == nil, err
}

var (
	errNotThere    = errors.New("an item that the other set has not")
	errNotIterable = errors.New("it can't be iterated")
)

// dictIndex finds the items of a dict by key.
type dictIndex struct {
	keys  *keyer
	items map[any]Value
}

func indexDict(m *Meter, d Dict) (*dictIndex, error) {
	index := &dictIndex{newKeyer(m), make(map[any]Value, len(d))}
	for _, p := range d {
		key, err := index.keys.of(p.Key)
		if err != nil {
			return nil, err
		}
		index.items[key] = p.Val
	}
	return index, nil
}

// find gives nil where there is no such key.
func (index *dictIndex) find(k Value) (Value, error) {
	key, err := index.keys.of(k)
	if err != nil {
		return nil, err
	}
	return index.items[key], nil
}

// AsFloat gives Python's float(v) for a real number, numpy's scalars too; false
// for anything else and for an int that no float can hold.
func AsFloat(v Value) (float64, bool) {
	if t, ok := v.(Typed); ok {
		c, base := classOf(t)
		if c != classNumber {
			return 0, false
		}
		v = base
	}
	switch v := v.(type) {
	case Bool:
		return float64(bit(v)), true
	case Small:
		return float64(v), true
	case Float:
		return float64(v), true
	case Int:
		f, _ := new(big.Float).SetInt(v.V).Float64()
		return f, !math.IsInf(f, 0)
	}
	return 0, false
}

// HasNaN reports whether a NaN is anywhere in v. Then v equals nothing, unless
// it is in a Counter that counts it 0 times.
func HasNaN(v Value) bool {
	return contains(v, func(v Value) bool {
		switch v := v.(type) {
		case Float:
			return math.IsNaN(float64(v))
		case Complex:
			return math.IsNaN(real(v)) || math.IsNaN(imag(v))
		}
		return false
	})
}

// Decisive reports whether v's Digest settles whether v is equal to any other
// value. It does not where equality is no equivalence: with NaN, with an
// OrderedDict (whose order counts against another one only), with a Counter
// (whose zeros count against any dict but another Counter).
func Decisive(v Value) bool {
	return !HasNaN(v) && !contains(v, func(v Value) bool {
		return isType(v, orderedDict) || isType(v, counter)
	})
}

// contains reports whether is holds for v or for anything in it.
func contains(v Value, is func(Value) bool) bool {
	if is(v) {
		return true
	}
	switch v := v.(type) {
	case List:
		return containsItem(v, is)
	case Tuple:
		return containsItem(v, is)
	case Set:
		return containsItem(v, is)
	case frozenSet:
		return containsItem(v, is)
	case Dict:
		for _, p := range v {
			if contains(p.Key, is) || contains(p.Val, is) {
				return true
			}
		}
	case Typed:
		return contains(v.Base, is)
	}
	return false
}

func containsItem(items []Value, is func(Value) bool) bool {
	for _, item := range items {
		if contains(item, is) {
			return true
		}
	}
	return false
}
