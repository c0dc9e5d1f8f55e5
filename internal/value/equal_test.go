package value

import (
	"errors"
	"math/big"
	"testing"
)

func TestIncomparable(t *testing.T) {
	opaque := Opaque{"re.Match", true}
	for _, v := range []Value{opaque, Typed{"dict_values", List{}}, Typed{"iterator", List{}}, Typed{"numpy.ndarray:int64", List{}}} {
		if _, err := Equal(nil, None{}, v); !errors.Is(err, ErrIncomparable) {
			t.Errorf("%s: Equal gives %v", Repr(v, 100), err)
		}
		if _, err := Digest(nil, List{v}); !errors.Is(err, ErrIncomparable) {
			t.Errorf("%s: Digest gives %v", Repr(v, 100), err)
		}
	}
	if same, err := Equal(nil, List{Small(1), opaque}, List{Small(2), opaque}); same || err != nil {
		t.Errorf("a difference before the opaque value: got %v, %v", same, err)
	}
	if same, err := Equal(nil, Tuple{opaque}, List{opaque}); same || err != nil {
		t.Errorf("list and tuple: got %v, %v", same, err)
	}
}

// Numbers of a hundred million bits are told apart at once: converting one to
// decimal digits would take minutes.
func TestHugeInts(t *testing.T) {
	huge := NewInt(new(big.Int).Lsh(big.NewInt(1), 1<<27))
	negative := NewInt(new(big.Int).Neg(huge.(Int).V))
	for _, other := range []Value{Small(2), Float(2), negative} {
		if same, err := Equal(nil, huge, other); err != nil || same {
			t.Errorf("equal to %s: %v, %v", Repr(other, 40), same, err)
		}
	}
	if same, err := Equal(nil, List{huge}, List{huge}); err != nil || !same {
		t.Errorf("not equal to itself: %v", err)
	}
}
