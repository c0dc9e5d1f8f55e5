package value

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAsFloat(t *testing.T) {
	for _, c := range []struct {
		v    Value
		want float64
		ok   bool
	}{
		{Bool(true), 1, true},
		{Small(1<<53 + 1), 1 << 53, true},
		{NewInt(mustBig("0x8000000000000000")), 1 << 63, true},
		{NewInt(mustBig("0x1" + strings.Repeat("0", 256))), 0, false},
		{Typed{"numpy.float32", Float(0.5)}, 0.5, true},
		{Str("1"), 0, false},
		{Complex(1), 0, false},
	} {
		if got, ok := AsFloat(c.v); ok != c.ok || ok && got != c.want {
			t.Errorf("%s: got %v, %v", Repr(c.v, 100), got, ok)
		}
	}
}

func TestItems(t *testing.T) {
	for _, c := range []struct {
		v    Value
		want []Value
	}{
		{Str("a\xed\xa0\x80😀"), []Value{Str("a"), Str("\xed\xa0\x80"), Str("😀")}},
		{Dict{{Str("k"), None{}}}, []Value{Str("k")}},
		{Typed{"range", Tuple{Small(3), Small(-2), Small(-2)}}, []Value{Small(3), Small(1), Small(-1)}},
		{Typed{"collections.deque", List{Small(3)}}, []Value{Small(3)}},
		{Bytes("\xff"), []Value{Small(255)}},
	} {
		got, err := Items(c.v, 3)
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v -want +got\n%s", Repr(c.v, 100), err, diff)
		}
	}
	huge := Typed{"range", Tuple{Small(0), NewInt(mustBig("0x10000000000000000")), Small(1)}}
	if _, err := Items(huge, 1000); !errors.Is(err, ErrBounds) {
		t.Errorf("a huge range: %v", err)
	}
	if _, err := Items(Small(1), 1000); err == nil {
		t.Error("an int was iterated")
	}
}
