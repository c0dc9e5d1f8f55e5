package value

import (
	"crypto/sha256"
	"fmt"
	"math"
	"math/big"
	"strings"
)

// keyer gives keys for Go maps. It keeps the digests of the frozensets that it
// has met, so that what is nested deeply is hashed once and not at each level.
type keyer struct{ d digester }

func newKeyer() *keyer {
	return &keyer{digester{held: 1, memo: map[*Value]setDigest{}}}
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
	if err := hashable(v); err != nil {
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
func hashable(v Value) error {
	switch v := v.(type) {
	case List, Set, Dict:
		return fmt.Errorf("%T: %w", v, ErrUnhashable)
	case Tuple:
		for _, item := range v {
			if err := hashable(item); err != nil {
				return err
			}
		}
	case Typed:
		return hashableTyped(v)
	case Opaque:
		return incomparable(v)
	}
	return nil
}

func hashableTyped(v Typed) error {
	switch c, base := classOf(v); {
	case c == classTuple:
		return hashable(base)
	case v.Type == iterator || v.Type == "dict_values":
		return incomparable(v)
	case v.Type == "range" || strings.HasPrefix(v.Type, "numpy.") && c != classIncomparable:
		return nil
	}
	return fmt.Errorf("%s: %w", v.Type, ErrUnhashable)
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
