package value

import (
	"bytes"
	"context"
	"math/big"
	"testing"
	"time"
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

// FuzzWork holds the host's work on two values that a guest sent against the bytes
// that it paid for: in steps, and very generously in time, so that a step is known
// to be one.
func FuzzWork(f *testing.F) {
	r := newRandom(6)
	for range 100 {
		v := r.value(3)
		f.Add(AppendTagged(nil, v), AppendTagged(nil, r.twin(v)))
	}
	long := NewInt(new(big.Int).Lsh(big.NewInt(3), 20_000))
	for _, v := range []Value{
		Typed{"range", Tuple{Small(0), long, Small(7)}},
		Set{Typed{"range", Tuple{Small(0), long, NewInt(mustBig("0x10000000000000000"))}}},
		nested(40, Small(1), func(v Value) Value { return Typed{counter, Dict{{Str("a"), v}}} }),
		nested(40, frozenSet{}, func(v Value) Value { return frozenSet{Tuple{v, Small(1)}} }),
		Typed{dictItems, List{Tuple{Small(1), List(ints(300))}}},
		List{Float(1e308), Complex(complex(1e308, 1e-308)), long},
	} {
		raw := AppendTagged(nil, v)
		f.Add(raw, raw)
	}
	f.Fuzz(func(t *testing.T, rawA, rawB []byte) {
		if len(rawA)+len(rawB) > 1<<16 {
			return
		}
		m := NewMeter(context.Background(), len(rawA)+len(rawB))
		start := time.Now()
		a, errA := DecodeFrame(m, rawA, true, 0, 0, 0)
		b, errB := DecodeFrame(m, rawB, true, 0, 0, 0)
		if errA != nil || errB != nil {
			return
		}
		read := m.Used()
		if most := 100 + 4*(len(rawA)+len(rawB)); read > most {
			t.Errorf("reading took %d steps for %d bytes", read, len(rawA)+len(rawB))
		}
		_, _ = Equal(m, a, b)
		_, _ = Digest(m, a)
		_, _ = EqualAsSets(m, a, b)
		Repr(a, 2048)
		HasNaN(a)
		const most = time.Second
		if took := time.Since(start); took > most+time.Duration(m.Used())*10*time.Microsecond {
			t.Errorf("%d steps took %v", m.Used(), took)
		}
	})
}
