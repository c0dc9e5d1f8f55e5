package value

import (
	"fmt"
	"math/big"
)

// Items gives the items that iterating v gives: those of a container, the keys
// of a dict, the characters of a str. It is an error if v can't be iterated or
// has more than max items.
func Items(v Value, max int) ([]Value, error) {
	if t, ok := v.(Typed); ok {
		if t.Type == "range" {
			return rangeItems(t.Base.(Tuple), max)
		}
		v = t.Base
	}
	var items []Value
	switch v := v.(type) {
	case List:
		items = v
	case Tuple:
		items = v
	case Set:
		items = v
	case FrozenSet:
		items = v
	case Dict:
		for _, p := range v {
			items = append(items, p.Key)
		}
	case Bytes:
		for i := range len(v) {
			items = append(items, Small(v[i]))
		}
	case Str:
		for s := string(v); s != ""; {
			n := charLen(s)
			items = append(items, Str(s[:n]))
			s = s[n:]
		}
	default:
		return nil, fmt.Errorf("%T can't be iterated", v)
	}
	if len(items) > max {
		return nil, fmt.Errorf("%d items, at most %d: %w", len(items), max, ErrBounds)
	}
	return items, nil
}

// elements gives the items of a value of the set class.
func elements(v Value) []Value {
	switch v := v.(type) {
	case Set:
		return v
	case FrozenSet:
		return v
	case List:
		return v
	}
	return nil
}

func bigOf(v Value) *big.Int {
	if n, ok := v.(Small); ok {
		return big.NewInt(int64(n))
	}
	return v.(Int).V
}

// rangeLen gives the number of items of the range (start, stop, step).
func rangeLen(r Tuple) *big.Int {
	start, stop, step := bigOf(r[0]), bigOf(r[1]), bigOf(r[2])
	span := new(big.Int).Sub(stop, start)
	if span.Sign() != step.Sign() {
		return new(big.Int)
	}
	// ceil(|span| / |step|)
	span.Abs(span)
	size := new(big.Int).Abs(step)
	span.Add(span, size).Sub(span, big.NewInt(1))
	return span.Quo(span, size)
}

// rangeNormal gives what is the same for ranges of the same items: their
// number, the first unless there is none, the step if there are two.
func rangeNormal(r Tuple) Tuple {
	n := rangeLen(r)
	switch {
	case n.Sign() == 0:
		return Tuple{Small(0)}
	case n.IsInt64() && n.Int64() == 1:
		return Tuple{Small(1), r[0]}
	}
	return Tuple{NewInt(n), r[0], r[2]}
}

func rangeItems(r Tuple, max int) ([]Value, error) {
	n := rangeLen(r)
	if !n.IsInt64() || n.Int64() > int64(max) {
		return nil, fmt.Errorf("a range of %v items, at most %d: %w", n, max, ErrBounds)
	}
	items := make([]Value, n.Int64())
	at, step := new(big.Int).Set(bigOf(r[0])), bigOf(r[2])
	for i := range items {
		items[i] = NewInt(new(big.Int).Set(at))
		at.Add(at, step)
	}
	return items, nil
}
