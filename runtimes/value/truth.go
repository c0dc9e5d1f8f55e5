package value

import (
	"fmt"
	"math"
	"math/big"
)

// IsTrue gives Python's bool(v). An array has no truth here: that is an error
// wrapping ErrIncomparable.
func IsTrue(v Value) (bool, error) {
	if t, ok := v.(Typed); ok {
		k, known := kindOf(t.Type)
		switch {
		case t.Type == iterator:
			return true, nil
		case !known || k.class == classIncomparable && t.Type != "dict_values":
			return false, fmt.Errorf("truth of %s: %w", t.Type, ErrIncomparable)
		case k.class == classRange:
			return rangeLen(t.Base.(Tuple)).Sign() != 0, nil
		}
		v = t.Base
	}
	switch v := v.(type) {
	case None:
		return false, nil
	case Bool:
		return bool(v), nil
	case Small:
		return v != 0, nil
	case Int:
		return v.V.Sign() != 0, nil
	case Float:
		return v != 0, nil
	case Complex:
		return v != 0, nil
	case Opaque:
		return v.True, nil
	}
	return size(v) != 0, nil
}

// size gives the number of items of a container, of bytes of a text.
func size(v Value) int {
	switch v := v.(type) {
	case Str:
		return len(v)
	case Bytes:
		return len(v)
	case Dict:
		return len(v)
	case List:
		return len(v)
	case Tuple:
		return len(v)
	}
	return len(elements(v))
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
	case FrozenSet:
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
