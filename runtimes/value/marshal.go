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
	case FrozenSet:
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
