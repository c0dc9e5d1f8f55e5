package value

import (
	"errors"
	"testing"
)

func TestIncomparable(t *testing.T) {
	opaque := Opaque{"re.Match", true}
	for _, v := range []Value{opaque, Typed{"dict_values", List{}}, Typed{"iterator", List{}}, Typed{"numpy.ndarray:int64", List{}}} {
		if _, err := Equal(None{}, v); !errors.Is(err, ErrIncomparable) {
			t.Errorf("%s: Equal gives %v", Repr(v, 100), err)
		}
		if _, err := Digest(List{v}); !errors.Is(err, ErrIncomparable) {
			t.Errorf("%s: Digest gives %v", Repr(v, 100), err)
		}
	}
	if same, err := Equal(List{Small(1), opaque}, List{Small(2), opaque}); same || err != nil {
		t.Errorf("a difference before the opaque value: got %v, %v", same, err)
	}
	if same, err := Equal(Tuple{opaque}, List{opaque}); same || err != nil {
		t.Errorf("list and tuple: got %v, %v", same, err)
	}
	if truth, err := IsTrue(opaque); !truth || err != nil {
		t.Errorf("truth of an opaque value: got %v, %v", truth, err)
	}
}
