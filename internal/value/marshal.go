package value

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
)

// AppendMarshal appends v as marshal.dumps(v, 2) writes it, Bytes as "s". Only
// plain types have such a form: for a Typed or an Opaque it is an error.
func AppendMarshal(dst []byte, v Value) ([]byte, error) {
	var err error
	switch v := v.(type) {
	case Tuple:
		return appendItems(appendSize(dst, typeTuple, len(v)), v)
	case List:
		return appendItems(appendSize(dst, typeList, len(v)), v)
	case Set:
		return appendItems(appendSize(dst, typeSet, len(v)), v)
	case frozenSet:
		return appendItems(appendSize(dst, typeFrozenSet, len(v)), v)
	case Dict:
		dst = append(dst, typeDict)
		for _, p := range v {
			if dst, err = AppendMarshal(dst, p.Key); err != nil {
				return dst, err
			}
			if dst, err = AppendMarshal(dst, p.Val); err != nil {
				return dst, err
			}
		}
		return append(dst, typeNull), nil
	case Typed:
		return dst, fmt.Errorf("%s has no plain form: send it tagged", v.Type)
	case Opaque:
		return dst, fmt.Errorf("%s has no plain form: send it tagged", v.Type)
	}
	return appendAtom(dst, v), nil
}

func appendItems(dst []byte, items []Value) ([]byte, error) {
	var err error
	for _, item := range items {
		if dst, err = AppendMarshal(dst, item); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func appendSize(dst []byte, kind byte, n int) []byte {
	return binary.LittleEndian.AppendUint32(append(dst, kind), uint32(n))
}

func appendAtom(dst []byte, v Value) []byte {
	switch v := v.(type) {
	case None:
		return append(dst, typeNone)
	case Bool:
		if v {
			return append(dst, typeTrue)
		}
		return append(dst, typeFalse)
	case Small:
		if v == Small(int32(v)) {
			return appendSize(dst, typeInt, int(v))
		}
		return appendLong(dst, big.NewInt(int64(v)))
	case Int:
		return appendLong(dst, v.V)
	case Float:
		return appendFloat(append(dst, typeFloat), float64(v))
	case Complex:
		return appendFloat(appendFloat(append(dst, typeComplex), real(v)), imag(v))
	case Str:
		return append(appendSize(dst, typeStr, len(v)), v...)
	case Bytes:
		return append(appendSize(dst, typeBytes, len(v)), v...)
	}
	return dst
}

func appendFloat(dst []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(f))
}

// appendLong writes n in digits of 15 bits, the least first.
func appendLong(dst []byte, n *big.Int) []byte {
	count := (n.BitLen() + 14) / 15
	if n.Sign() < 0 {
		dst = appendSize(dst, typeLong, -count)
	} else {
		dst = appendSize(dst, typeLong, count)
	}
	magnitude := n.Bytes()
	acc, bits := uint32(0), 0
	for i := len(magnitude) - 1; count > 0; count-- {
		for ; bits < 15 && i >= 0; i-- {
			acc |= uint32(magnitude[i]) << bits
			bits += 8
		}
		dst = binary.LittleEndian.AppendUint16(dst, uint16(acc&(1<<15-1)))
		acc >>= 15
		bits -= 15
	}
	return dst
}

// Items gives the items that iterating v gives: those of a container, the keys
// of a dict, the characters of a str. It is an error if v can't be iterated or
// has more than max items.
func Items(v Value, max int) ([]Value, error) {
	var items []Value
	err := each(nil, v, func(item Value) error {
		if len(items) == max {
			return fmt.Errorf("more than %d items: %w", max, ErrBounds)
		}
		items = append(items, item)
		return nil
	})
	return items, err
}

// each visits the items that iterating v gives, one after the other. It stops at
// the first error.
func each(m *Meter, v Value, visit func(Value) error) error {
	step := func(item Value) error {
		if err := m.Take(1); err != nil {
			return err
		}
		return visit(item)
	}
	if t, ok := v.(Typed); ok {
		if t.Type == "range" {
			return eachOfRange(m, t.Base.(Tuple), step)
		}
		v = t.Base
	}
	switch v := v.(type) {
	case List:
		return eachOf(v, step)
	case Tuple:
		return eachOf(v, step)
	case Set:
		return eachOf(v, step)
	case frozenSet:
		return eachOf(v, step)
	case Dict:
		for _, p := range v {
			if err := step(p.Key); err != nil {
				return err
			}
		}
	case Bytes:
		for i := range len(v) {
			if err := step(Small(v[i])); err != nil {
				return err
			}
		}
	case Str:
		for s := string(v); s != ""; {
			n := charLen(s)
			if err := step(Str(s[:n])); err != nil {
				return err
			}
			s = s[n:]
		}
	default:
		return fmt.Errorf("%T: %w", v, errNotIterable)
	}
	return nil
}

func eachOf(items []Value, visit func(Value) error) error {
	for _, item := range items {
		if err := visit(item); err != nil {
			return err
		}
	}
	return nil
}

// eachOfRange counts from one end of a range to the other. Each item is as long
// as the ends.
func eachOfRange(m *Meter, r Tuple, visit func(Value) error) error {
	n, err := rangeLen(m, r)
	if err != nil {
		return err
	}
	at, step := new(big.Int).Set(bigOf(r[0])), bigOf(r[2])
	for one := big.NewInt(1); n.Sign() > 0; n.Sub(n, one) {
		item := NewInt(new(big.Int).Set(at))
		if err := m.text(extent(item)); err != nil {
			return err
		}
		if err := visit(item); err != nil {
			return err
		}
		at.Add(at, step)
	}
	return nil
}

// elements gives the items of a value of the set class.
func elements(v Value) []Value {
	switch v := v.(type) {
	case Set:
		return v
	case frozenSet:
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

// rangeLen gives the number of items of the range (start, stop, step). Ints of
// any size are divided here, as in Python where a range is made.
func rangeLen(m *Meter, r Tuple) (*big.Int, error) {
	start, stop, step := bigOf(r[0]), bigOf(r[1]), bigOf(r[2])
	const word = 64
	words := 1 + max(start.BitLen(), stop.BitLen())/word
	if err := m.product(words, 1+min(words, step.BitLen()/word)); err != nil {
		return nil, err
	}
	span := new(big.Int).Sub(stop, start)
	if span.Sign() != step.Sign() {
		return new(big.Int), nil
	}
	// ceil(|span| / |step|)
	span.Abs(span)
	size := new(big.Int).Abs(step)
	span.Add(span, size).Sub(span, big.NewInt(1))
	return span.Quo(span, size), nil
}

// rangeNormal gives what is the same for ranges of the same items: their
// number, the first unless there is none, the step if there are two.
func rangeNormal(m *Meter, r Tuple) (Tuple, error) {
	n, err := rangeLen(m, r)
	switch {
	case err != nil:
		return nil, err
	case n.Sign() == 0:
		return Tuple{Small(0)}, nil
	case n.IsInt64() && n.Int64() == 1:
		return Tuple{Small(1), r[0]}, nil
	}
	return Tuple{NewInt(n), r[0], r[2]}, nil
}
