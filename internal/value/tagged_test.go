package value

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree is a value of the tagged form by its plain parts.
func tree(items ...Value) Tuple { return Tuple(items) }

func TestDecodeTagged(t *testing.T) {
	for _, c := range []struct {
		tree, want Value
	}{
		{Bytes("\xff"), Bytes("\xff")},
		{tree(Str("tuple"), List{Small(1), List{}}), Tuple{Small(1), List{}}},
		{tree(Str("dict"), List{Str("a"), tree(Str("set"), List{})}), Dict{{Str("a"), Set{}}}},
		{tree(Str("opaque"), Str("re.Match"), Bool(true)), Opaque{"re.Match", true}},
		{tree(Str("typed"), Str("numpy.int64"), Small(3)), Typed{"numpy.int64", Small(3)}},
		{tree(Str("typed"), Str("numpy.ndarray:int64"), List{List{Small(3)}}), Typed{"numpy.ndarray:int64", List{List{Small(3)}}}},
		{tree(Str("typed"), Str("numpy.ndarray:[('a', '<i4')]"), List{tree(Str("tuple"), List{Small(1)})}), Opaque{"numpy.ndarray", true}},
		{
			tree(Str("typed"), Str("dict_keys"), List{tree(Str("tuple"), List{Small(1), Small(2)}), tree(Str("tuple"), List{Small(1), Small(3)})}),
			Typed{"dict_keys", List{Tuple{Small(1), Small(2)}, Tuple{Small(1), Small(3)}}},
		},
	} {
		raw, err := AppendMarshal(nil, c.tree)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeTagged(raw, Bounds{})
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v -want +got\n%s", Repr(c.tree, 200), err, diff)
		}
	}
}

func TestDecodeTaggedRefuses(t *testing.T) {
	for _, tree := range []Value{
		Tuple{},
		tree(Small(1), List{}),
		tree(Str("tuple")),
		tree(Str("tuple"), Small(1)),
		tree(Str("list"), List{}),
		tree(Str("dict"), List{Small(1)}),
		tree(Str("dict"), List{List{}, Small(1)}),
		tree(Str("set"), List{Small(1), Float(1)}),
		tree(Str("set"), List{tree(Str("typed"), Str("bytearray"), Bytes(""))}),
		tree(Str("opaque"), Str("x"), Small(1)),
		tree(Str("typed"), Str("solution.Mine"), Small(1)),
		tree(Str("typed"), Str("numpy.int64"), Float(1)),
		tree(Str("typed"), Str("collections.Counter"), List{}),
		tree(Str("typed"), Str("range"), tree(Str("tuple"), List{Small(0), Small(1), Small(0)})),
		tree(Str("typed"), Str("dict_keys"), List{Small(1), Bool(true)}),
		tree(Str("typed"), Str("dict_items"), List{Small(1)}),
	} {
		raw, err := AppendMarshal(nil, tree)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := decodeTagged(raw, Bounds{}); !errors.Is(err, errMalformed) {
			t.Errorf("%s: got %v, %v", Repr(tree, 200), v, err)
		}
	}
	if _, err := decodeTagged([]byte("<\x00\x00\x00\x00"), Bounds{}); !errors.Is(err, errMalformed) {
		t.Errorf("a set without its tag: %v", err)
	}
}

// nestedSets is a frozenset within a frozenset, depth times, around n items.
func nestedSets(depth, n int) Value {
	var v Value = frozenSet(ints(n))
	for range depth {
		v = frozenSet{v, Small(0)}
	}
	return v
}

// Each level's items are hashed when it ends. Were they hashed with all that is
// in them, this would take 150 times as long as one level.
func TestNestedSetsAreHashedOnce(t *testing.T) {
	d, err := newDecoder(must(AppendMarshal(nil, nestedSets(150, 1000))), Bounds{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := d.run()
	if err != nil {
		t.Fatal(err)
	}
	if got := len(d.keys.d.memo); got != 150 {
		t.Errorf("%d frozensets are remembered, want all 150 inner ones", got)
	}
	if same, err := Equal(nil, v, nestedSets(150, 1000)); !same || err != nil {
		t.Errorf("got %v, %v", same, err)
	}
}

func must(raw []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return raw
}
