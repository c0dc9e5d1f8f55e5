package value

import (
	"context"
	"errors"
	"math/big"
	"testing"
)

func tagged(v Value) []byte { return AppendTagged(nil, v) }

// steps decodes a value that came in the tagged form and holds it against another,
// and against itself.
func steps(t *testing.T, raw []byte, other Value) (int, error) {
	t.Helper()
	m := NewMeter(context.Background(), len(raw))
	v, err := DecodeFrame(m, raw, true, 0, 0, 0)
	if err == nil {
		_, err = Equal(m, other, v)
	}
	if err == nil {
		_, err = Equal(m, v, v)
	}
	if err == nil {
		_, err = Digest(m, v)
	}
	if err == nil {
		_, err = EqualAsSets(m, other, v)
	}
	Repr(v, 2048)
	return m.Used(), err
}

// nested puts a value into itself, by make, so many levels deep.
func nested(depth int, v Value, make func(Value) Value) Value {
	for range depth {
		v = make(v)
	}
	return v
}

func TestStepsAreFewForWhatIsLarge(t *testing.T) {
	huge := NewInt(new(big.Int).Lsh(big.NewInt(1), 1<<24))
	chain := make(Set, 30_000)
	for i := range chain {
		chain[i] = Tuple{Small(i), Float(1e300), Str("a")}
	}
	for _, c := range []struct {
		name string
		v    Value
	}{
		{"an int of 16 Mi bits", huge},
		{"a set of tuples", chain},
		{"numbers", Set(ints(100_000))},
		{"counters in counters", nested(90, Small(1), func(v Value) Value { return Typed{counter, Dict{{Str("a"), v}}} })},
		{"sets in sets", nested(90, frozenSet{}, func(v Value) Value { return frozenSet{v, Small(1)} })},
		{"keys in keys", nested(10, Tuple{}, func(v Value) Value { return Tuple{v, frozenSet{v, Small(1)}} })},
		{"dicts in dicts", nested(90, Dict{}, func(v Value) Value { return Dict{{Small(0), v}, {Small(1), Small(2)}} })},
		{"a range of a huge range", Typed{"range", Tuple{Small(0), huge, Small(3)}}},
		{"items", Typed{dictItems, List{Tuple{Small(1), List(ints(50_000))}}}},
	} {
		raw := tagged(c.v)
		used, err := steps(t, raw, List{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if most := 1000 + 20*len(raw); used > most {
			t.Errorf("%s: %d steps for %d bytes", c.name, used, len(raw))
		}
	}
}

// What is slow in itself ends at its meter.
func TestStepsEnd(t *testing.T) {
	long := new(big.Int).Lsh(big.NewInt(3), 1<<24)
	step := new(big.Int).Lsh(big.NewInt(5), 1<<23)
	for _, c := range []struct {
		name string
		v    Value
	}{
		{"a division of huge ints", Typed{"range", Tuple{Small(0), Int{long}, Int{step}}}},
		{"the same as an item", List{Typed{"range", Tuple{Small(0), Int{long}, Int{step}}}}},
	} {
		if _, err := steps(t, tagged(c.v), c.v); !errors.Is(err, ErrSteps) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestEqualAsSets(t *testing.T) {
	huge := Typed{"range", Tuple{Small(0), NewInt(new(big.Int).Lsh(big.NewInt(1), 1<<20)), Small(1)}}
	for _, c := range []struct {
		a, b Value
		want bool
	}{
		{Tuple{Small(4), Small(5)}, List{Float(5), Small(4), Small(4)}, true},
		{Tuple{Small(4), Small(5)}, List{Small(4)}, false},
		{Tuple{Small(4)}, List{Small(4), Small(5)}, false},
		{Tuple{Small(4)}, List{List{}}, false},
		{Tuple{Small(4)}, Small(4), false},
		{Tuple{}, Str(""), true},
		{Tuple{Str("a"), Str("b")}, Str("abab"), true},
		{Tuple{Small(0), Small(1)}, Typed{"range", Tuple{Small(0), Small(2), Small(1)}}, true},
		{Tuple{Small(0), Small(1)}, huge, false},
		{Tuple{Small(97)}, Bytes("aa"), true},
		{Tuple{Float(1)}, Dict{{Bool(true), None{}}}, true},
	} {
		m := NewMeter(context.Background(), 0)
		if got, err := EqualAsSets(m, c.a, c.b); got != c.want || err != nil {
			t.Errorf("set(%s) == set(%s): got %v, %v", Repr(c.a, 50), Repr(c.b, 50), got, err)
		}
	}
}

// All work on a value ends with its context.
func TestMeterIsCancelled(t *testing.T) {
	why := errors.New("given up")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(why)
	v := Set(ints(200_000))
	raw := tagged(v)
	for name, work := range map[string]func(*Meter) error{
		"decode": func(m *Meter) error { _, err := DecodeFrame(m, raw, true, 0, 0, 0); return err },
		"equal":  func(m *Meter) error { _, err := Equal(m, v, v); return err },
		"digest": func(m *Meter) error { _, err := Digest(m, v); return err },
		"sets":   func(m *Meter) error { _, err := EqualAsSets(m, v, v); return err },
	} {
		m := NewMeter(ctx, len(raw))
		if err := work(m); !errors.Is(err, why) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
