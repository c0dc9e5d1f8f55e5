package value

import (
	"bytes"
	"testing"
)

// fuzzBounds keep the fuzzer's values small.
var fuzzBounds = Bounds{Nodes: 10_000, Depth: 50}

func seeds(encode func([]byte, Value) ([]byte, error)) [][]byte {
	r := newRandom(3)
	var all [][]byte
	for range 100 {
		if raw, err := encode(nil, r.value(3)); err == nil {
			all = append(all, raw)
		}
	}
	return all
}

func FuzzDecode(f *testing.F) {
	for _, raw := range seeds(AppendMarshal) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := Decode(raw, fuzzBounds)
		if err != nil {
			return
		}
		back, err := AppendMarshal(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(raw, back) {
			t.Fatalf("%q came back as %q", raw, back)
		}
		checkCopy(t, v)
	})
}

func FuzzDecodeTagged(f *testing.F) {
	for _, raw := range seeds(func(dst []byte, v Value) ([]byte, error) { return AppendTagged(dst, v), nil }) {
		f.Add(raw)
	}
	f.Add(AppendTagged(nil, Opaque{"re.Match", true}))
	f.Add(AppendTagged(nil, Typed{"numpy.ndarray:float64", List{Float(1)}}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := decodeTagged(raw, fuzzBounds)
		if err != nil {
			return
		}
		back := AppendTagged(nil, v)
		if !bytes.Equal(raw, back) {
			t.Fatalf("%q came back as %q", raw, back)
		}
		checkCopy(t, v)
	})
}

// checkCopy holds a value against itself, as if it had come twice.
func checkCopy(t *testing.T, v Value) {
	t.Helper()
	if contains(v, isIncomparable) {
		return
	}
	if _, err := Digest(nil, v); err != nil {
		t.Fatalf("%s: %v", Repr(v, 1000), err)
	}
	same, err := Equal(nil, v, v)
	if err != nil || !same && !HasNaN(v) {
		t.Fatalf("%s differs from its copy: %v", Repr(v, 1000), err)
	}
}

func isIncomparable(v Value) bool {
	c, _ := classOf(v)
	return c == classIncomparable
}

func FuzzParseJSON(f *testing.F) {
	r := newRandom(4)
	for range 100 {
		f.Add([]byte(r.json(3)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := ParseJSON(text)
		if err != nil {
			return
		}
		raw, err := AppendMarshal(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode(raw, Bounds{Depth: maxJSONDepth + 1})
		if err != nil {
			t.Fatal(err)
		}
		if a, b := Repr(v, 1<<20), Repr(again, 1<<20); a != b {
			t.Fatalf("%s came back as %s", a, b)
		}
		checkCopy(t, v)
	})
}
