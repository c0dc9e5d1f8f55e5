package value

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustBig(s string) *big.Int {
	n, ok := new(big.Int).SetString(s, 0)
	if !ok {
		panic(s)
	}
	return n
}

// cmpBig compares Int by value.
var cmpBig = cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		raw  string
		want Value
	}{
		{"N", None{}},
		{"T", Bool(true)},
		{"i\xff\xff\xff\xff", Small(-1)},
		{"l\x03\x00\x00\x00\x00\x00\x00\x00\x02\x00", Small(1 << 31)},
		{"l\xfb\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\x10\x00", NewInt(mustBig("-0x10000000000000000"))},
		{"g\x00\x00\x00\x00\x00\x00\xf8?", Float(1.5)},
		{"u\x05\x00\x00\x00\xc3\xa9\xed\xa0\x80", Str("é\xed\xa0\x80")},
		{"(\x01\x00\x00\x00[\x00\x00\x00\x00", Tuple{List{}}},
		{"{u\x01\x00\x00\x00a{00", Dict{{Str("a"), Dict{}}}},
		{">\x02\x00\x00\x00NF", frozenSet{None{}, Bool(false)}},
	} {
		got, err := Decode([]byte(c.raw), Bounds{})
		if err != nil {
			t.Errorf("%q: %v", c.raw, err)
			continue
		}
		if diff := cmp.Diff(c.want, got, cmpBig); diff != "" {
			t.Errorf("%q: -want +got\n%s", c.raw, diff)
		}
		if back, err := AppendMarshal(nil, got); err != nil || string(back) != c.raw {
			t.Errorf("%q: written back as %q, %v", c.raw, back, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct {
		name, raw string
		bounds    Bounds
		offset    int
		kind      byte
		err       error
	}{
		{"nothing", "", Bounds{}, 0, 0, errMalformed},
		{"more after the value", "NN", Bounds{}, 1, 'N', errMalformed},
		{"a reference", "r\x00\x00\x00\x00", Bounds{}, 0, 'r', errMalformed},
		{"a flagged type", "\xe9\x00\x00\x00\x00", Bounds{}, 0, 0xe9, errMalformed},
		{"code", "c", Bounds{}, 0, 'c', errMalformed},
		{"StopIteration", "S", Bounds{}, 0, 'S', errMalformed},
		{"bytes", "[\x01\x00\x00\x00s\x00\x00\x00\x00", Bounds{}, 5, 's', errAmbiguous},
		{"a short int", "i\x00", Bounds{}, 0, 'i', errMalformed},
		{"a list of 4 Gi items", "[\xff\xff\xff\xff", Bounds{}, 0, '[', errMalformed},
		{"a list of 2 Gi items", "[\xff\xff\xff\x7fN", Bounds{}, 0, '[', errMalformed},
		{"a str of 2 GiB", "u\xff\xff\xff\x7fN", Bounds{}, 0, 'u', errMalformed},
		{"an int of 2 Gi digits", "l\x00\x00\x00\x80NN", Bounds{}, 0, 'l', errMalformed},
		{"nested promises", "[\x08\x00\x00\x00[\x03\x00\x00\x00NNNN", Bounds{}, 5, '[', errMalformed},
		{"a digit of 16 bits", "l\x01\x00\x00\x00\x00\x80", Bounds{}, 0, 'l', errMalformed},
		{"a leading zero", "l\x01\x00\x00\x00\x00\x00", Bounds{}, 0, 'l', errMalformed},
		{"bad UTF-8", "u\x01\x00\x00\x00\xff", Bounds{}, 0, 'u', errMalformed},
		{"an end without dict", "0", Bounds{}, 0, '0', errMalformed},
		{"a key without item", "{N0", Bounds{}, 2, '0', errMalformed},
		{"an open dict", "{NN", Bounds{}, 3, 0, errMalformed},
		{"a list in a set", "<\x01\x00\x00\x00[\x00\x00\x00\x00", Bounds{}, 0, '<', errMalformed},
		{"a list in a tuple as a key", "{(\x01\x00\x00\x00{0N0", Bounds{}, 0, '{', errMalformed},
		{"1 and True in a set", "<\x02\x00\x00\x00Ti\x01\x00\x00\x00", Bounds{}, 0, '<', errMalformed},
		{"equal keys", "{NTNF0", Bounds{}, 0, '{', errMalformed},
		{"too many bytes", "u\x01\x00\x00\x00a", Bounds{Bytes: 5}, 0, 0, ErrBounds},
		{"too many items", "[\x02\x00\x00\x00NN", Bounds{Nodes: 2}, 0, '[', ErrBounds},
		{"too many items of a dict", "{NN0", Bounds{Nodes: 2}, 2, 'N', ErrBounds},
		{"too deep", strings.Repeat("(\x01\x00\x00\x00", 4) + "N", Bounds{Depth: 3}, 15, '(', ErrBounds},
	} {
		v, err := Decode([]byte(c.raw), c.bounds)
		var at *decodeError
		if !errors.As(err, &at) || !errors.Is(err, c.err) || at.Offset != c.offset || at.Type != c.kind {
			t.Errorf("%s: got %v, %v; want offset %d, type %q, %v", c.name, v, err, c.offset, c.kind, c.err)
		}
	}
}
