package value

import (
	"strings"
	"testing"
)

func TestReprIsCapped(t *testing.T) {
	million := List(make([]Value, 1_000_000))
	for i := range million {
		million[i] = Str("é")
	}
	for _, c := range []struct {
		v    Value
		max  int
		want string
	}{
		{List{Small(1), Small(2)}, 6, "[1, 2]"},
		{List{Small(1), Small(2)}, 5, "[1…"},
		{million, 9, "['é',…"},
		{Str(strings.Repeat("é", 100)), 8, "'éé…"},
		{NewInt(mustBig("0x1" + strings.Repeat("0", 100))), 20, "<int of 401 bits>"},
		{Opaque{"\x1b[2J>", true}, 50, `<\x1b[2J\>>`},
		{Typed{"collections.deque", List{Small(1)}}, 50, "deque([1])"},
	} {
		if got := Repr(c.v, c.max); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
