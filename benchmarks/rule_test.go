package benchmarks

import (
	"context"
	"errors"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/assay-dev/assay/internal/value"
)

type (
	list  = value.List
	tup   = value.Tuple
	small = value.Small
	float = value.Float
	str   = value.Str
)

// ruleCase is a set of inputs with what was expected and what came. want is
// what evalplus makes of it, seen by running it: see TestPeersRules.
type ruleCase struct {
	name             string
	entry            string // the entry point, by which evalplus picks special oracles
	mbpp             bool
	rule             Rule
	inputs           [][]value.Value
	expected, actual []value.Value
	want             []bool
}

// forPeers is the case as testdata/peers.py reads it.
func (c ruleCase) forPeers() map[string]any {
	inputs := make(list, len(c.inputs))
	for i, in := range c.inputs {
		inputs[i] = list(in)
	}
	source := func(v []value.Value) string { return value.Repr(list(v), 1<<16) }
	dataset := "humaneval"
	if c.mbpp {
		dataset = "mbpp"
	}
	return map[string]any{
		"dataset": dataset, "entry": c.entry, "atol": c.rule.Atol,
		"inputs": source(inputs), "expected": source(c.expected), "actual": source(c.actual),
	}
}

func (c ruleCase) judge(t *testing.T, compat Compat) []bool {
	t.Helper()
	var st RuleState
	out := make([]bool, len(c.expected))
	for i := range out {
		var err error
		if out[i], err = c.rule.Equal(nil, c.inputs[i], c.expected[i], c.actual[i], &st, compat); err != nil {
			t.Errorf("%s: input %d: %v", c.name, i, err)
		}
	}
	return out
}

// plain is a case of one input whose contents don't matter.
func plain(name string, atol float64, expected, actual value.Value, want bool) ruleCase {
	return ruleCase{
		name: name, entry: "f", rule: Rule{Atol: atol}, inputs: [][]value.Value{nil},
		expected: []value.Value{expected}, actual: []value.Value{actual}, want: []bool{want},
	}
}

// special is a case of one input of MBPP+.
func special(name, entry string, input []value.Value, expected, actual value.Value, want bool) ruleCase {
	return ruleCase{
		name: name, entry: entry, mbpp: true, rule: Rule{Special: mbppSpecial(entry)}, inputs: [][]value.Value{input},
		expected: []value.Value{expected}, actual: []value.Value{actual}, want: []bool{want},
	}
}

func ruleCases() []ruleCase {
	huge := value.NewInt(new(big.Int).Lsh(big.NewInt(1), 70))
	word := value.NewInt(new(big.Int).Lsh(big.NewInt(1), 63))
	inf, nan := float(math.Inf(1)), float(math.NaN())
	above := func(v value.Value) value.Value {
		return value.NewInt(new(big.Int).Add(v.(value.Int).V, big.NewInt(1)))
	}
	set := func(items ...value.Value) value.Value { return value.Set(items) }
	in := func(items ...value.Value) []value.Value { return items }
	return []ruleCase{
		plain("equal ints", 0, small(3), small(3), true),
		plain("True is 1", 0, small(1), value.Bool(true), true),
		plain("1 is 1.0", 0, small(1), float(1), true),
		plain("list is no tuple", 0, list{small(1)}, tup{small(1)}, false),
		plain("floats are tolerated without atol", 0, float(0.3), float(0.1+0.2), true),
		plain("beyond 1e-6", 0, float(1), float(1.00001), false),
		plain("rtol on top", 0, float(1e6), float(1e6+0.1), true),
		plain("type matters once not equal", 0, float(1), small(2), false),
		plain("list of floats", 0, list{float(1), float(2)}, list{float(1), float(2.0000001)}, true),
		plain("tuple of floats", 0, tup{float(1)}, tup{float(1.0000001)}, true),
		plain("list of other length", 0, list{float(1)}, list{float(1), float(1)}, false),
		plain("an int among the floats keeps it exact", 0, list{float(1), small(2)}, list{float(1.0000001), small(2)}, false),
		plain("empty list is exact", 0, list{}, tup{}, false),
		plain("float within a list within a list is exact", 0, list{list{float(1)}}, list{list{float(1.0000001)}}, false),
		plain("the same with atol", 1e-4, list{list{float(1)}}, list{list{float(1.0000001)}}, true),
		plain("rows broadcast", 1e-4, list{list{float(1), float(1)}, list{float(2), float(2)}}, list{list{float(1)}, list{float(2)}}, true),
		plain("columns that can't", 1e-4, list{list{small(1), small(1)}, list{small(2), small(2)}}, list{list{small(1), small(1), small(1)}, list{small(2), small(2), small(2)}}, false),
		plain("empty rows are close to all of length one", 1e-4, list{list{small(1)}, list{small(1)}}, list{list{}, list{}}, true),
		plain("ragged", 1e-4, list{list{float(1)}, float(2)}, list{list{float(1)}, float(2.00001)}, false),
		plain("infinity", 0, inf, inf, true),
		plain("infinity is far from anything", 1e-4, inf, float(1e308), false),
		plain("infinity is close to itself", 1e-4, list{inf, float(1)}, list{inf, float(1.00001)}, true),
		plain("NaN", 0, nan, nan, false),
		plain("ints within atol", 0.5, small(3), small(3), true),
		plain("bools are numbers", 2, value.Bool(true), value.Bool(false), true),
		plain("bool is no int", 2, value.Bool(true), small(2), false),
		plain("words", 2, list{word}, list{above(word)}, true),
		plain("a huge int", 2, huge, above(huge), true),
		plain("a huge int in a list is an object", 2, list{huge}, list{above(huge)}, false),
		plain("a huge int against a word", 2, list{value.NewInt(new(big.Int).SetUint64(math.MaxUint64))}, list{value.NewInt(new(big.Int).Lsh(big.NewInt(1), 64))}, true),
		plain("beyond every float", 2, value.NewInt(new(big.Int).Lsh(big.NewInt(1), 2000)), above(value.NewInt(new(big.Int).Lsh(big.NewInt(1), 2000))), false),
		plain("complex", 1e-4, value.Complex(1+2i), value.Complex(1.00001+2i), true),
		plain("strings are never close", 1, str("a"), str("b"), false),
		plain("None is", 1, value.None{}, value.None{}, true),
		plain("dicts of floats are exact", 1e-4, value.Dict{{Key: str("a"), Val: float(1)}}, value.Dict{{Key: str("a"), Val: float(1.00001)}}, false),
		plain("sets", 1e-4, set(small(1), small(2)), set(small(2), small(1)), true),
		{
			name: "the tolerance stays", entry: "f", inputs: [][]value.Value{nil, nil, nil, nil},
			expected: []value.Value{list{list{float(1)}}, float(1), list{list{float(1)}}, small(1)},
			actual:   []value.Value{list{list{float(1.0000001)}}, float(1), list{list{float(1.0000001)}}, value.Bool(true)},
			want:     []bool{false, true, true, true},
		},
		special("any answer", "are_equivalent", in(small(36), small(57)), value.Bool(false), str("x"), true),
		special("sum_div: 0", "sum_div", in(small(1)), small(1), small(0), true),
		special("sum_div: False", "sum_div", in(small(1)), small(1), value.Bool(false), true),
		special("sum_div: other", "sum_div", in(small(8)), small(7), small(6), false),
		special("surface: by the slant", "surface_Area", in(small(3), small(4)), small(33), small(33), true),
		special("surface: by the height, rounded", "surface_Area", in(small(3), small(4)), small(33), small(35), true),
		special("surface: other", "surface_Area", in(small(3), small(4)), small(33), small(34), false),
		special("surface: a float", "surface_Area", in(small(3), small(4)), small(33), float(35), true),
		special("surface: no number", "surface_Area", in(small(3), small(4)), small(33), str("34"), false),
		special("digits: without zeros", "digit_distance_nums", in(small(123), small(5)), small(4), small(4), true),
		special("digits: with zeros", "digit_distance_nums", in(small(123), small(5)), small(4), small(5), true),
		special("digits: other", "digit_distance_nums", in(small(123), small(5)), small(4), small(6), false),
		special("digits: a sign", "digit_distance_nums", in(small(-1), small(5)), small(4), small(3), false),
		special("as sets: order and type", "similar_elements", in(tup{}, tup{}), tup{small(4), small(5)}, list{small(5), small(4), small(5)}, true),
		special("as sets: other", "similar_elements", in(tup{}, tup{}), tup{small(4), small(5)}, tup{small(4)}, false),
		special("as sets: unhashable", "find_char_long", in(str("")), list{str("abcd")}, list{list{}}, false),
		special("as sets: no items", "find_char_long", in(str("")), list{str("abcd")}, small(1), false),
		special("as sets: characters", "find_char_long", in(str("")), list{str("a"), str("b")}, str("aba"), true),
		special("as sets: keys", "find_char_long", in(str("")), list{str("a")}, value.Dict{{Key: str("a"), Val: small(1)}}, true),
		special("not None: anything", "check_str", in(str("a")), value.Bool(true), str("match"), true),
		special("not None: None", "check_str", in(str("a")), value.Bool(true), value.None{}, false),
		special("not None: None expected", "check_str", in(str("a")), value.Bool(false), value.None{}, true),
		special("not None: a bool is taken as it is", "check_str", in(str("a")), value.Bool(true), value.Bool(false), false),
		special("not None: 0", "check_str", in(str("a")), value.Bool(true), small(0), true),
		{
			name: "a root", entry: findZero, rule: Rule{Special: findZero, Atol: 1e-4},
			inputs:   [][]value.Value{in(list{small(1), small(2)}), in(list{small(1), small(2)}), in(list{small(-6), small(11), small(-6), small(1)}), in(list{small(1), small(2)})},
			expected: []value.Value{float(-0.5), float(-0.5), float(1), float(-0.5)},
			actual:   []value.Value{float(-0.50001), float(-0.6), float(3), str("-0.5")},
			want:     []bool{true, false, true, false},
		},
	}
}

func TestRule(t *testing.T) {
	for _, c := range ruleCases() {
		t.Run(c.name, func(t *testing.T) {
			if got := c.judge(t, EvalplusMain); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// TestRuleCanonicalRoot: on an input that is too steep for floats, the canonical
// solution's own answer is right, and only that.
func TestRuleCanonicalRoot(t *testing.T) {
	r := Rule{Special: findZero, Atol: 1e-4}
	in := []value.Value{list{small(-1), small(1e12)}}
	for actual, want := range map[value.Value]bool{float(1.1e-12): true, float(1.2e-12): false} {
		got, err := r.Equal(nil, in, float(1.1e-12), actual, new(RuleState), EvalplusMain)
		if err != nil || got != want {
			t.Errorf("%v: got %v, %v, want %v", actual, got, err, want)
		}
	}
}

// TestRuleNeverRecorded: find_zero passes nothing in 0.3.1.
func TestRuleNeverRecorded(t *testing.T) {
	r := Rule{Special: findZero, Atol: 1e-4}
	in := []value.Value{list{small(1), small(2)}}
	for compat, want := range map[Compat]bool{EvalplusMain: true, Evalplus031: false} {
		got, err := r.Equal(nil, in, float(-0.5), float(-0.5), new(RuleState), compat)
		if err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", compat, got, err, want)
		}
	}
}

func TestRuleIncomparable(t *testing.T) {
	opaque := value.Opaque{Type: "re.Match", True: true}
	if _, err := (Rule{}).Equal(nil, nil, small(1), opaque, new(RuleState), EvalplusMain); !errors.Is(err, value.ErrIncomparable) {
		t.Errorf("an opaque value compared: %v", err)
	}
	r := Rule{Special: notNone}
	if same, err := r.Equal(nil, nil, r.Expect(opaque), opaque, new(RuleState), EvalplusMain); !same || err != nil {
		t.Errorf("not None: got %v, %v", same, err)
	}
}

// TestRuleDigest: where the rule says that digests settle it, equal digests and
// Equal agree on every case of the table.
func TestRuleDigest(t *testing.T) {
	for _, c := range ruleCases() {
		var st, other RuleState
		for i, e := range c.expected {
			settled := c.rule.Digest(e, &st)
			equal, err := c.rule.Equal(nil, c.inputs[i], e, c.actual[i], &other, EvalplusMain)
			if st != other {
				t.Errorf("%s: the states went apart", c.name)
			}
			if !settled || err != nil {
				continue
			}
			a, errA := value.Digest(nil, c.actual[i])
			b, errB := value.Digest(nil, e)
			if errA != nil || errB != nil || (a == b) != equal {
				t.Errorf("%s: input %d: the digests say %v, the rule %v", c.name, i, a == b, equal)
			}
		}
	}
}

// TestPower: the terms of a polynomial are what a C library's pow gives, to the
// last bit.
func TestPower(t *testing.T) {
	for _, c := range []struct {
		x    float64
		n    int
		want float64
	}{
		{2, 0, 1},
		{0.1, 3, 0.0010000000000000002},
		{17.3124550475086, 10, 2418725523291.4404},
		{-1.7, 21, -69091.93391300869},
		{1e200, 2, math.Inf(1)},
	} {
		if got := power(c.x, c.n); got != c.want {
			t.Errorf("power(%v, %d) = %v, want %v", c.x, c.n, got, c.want)
		}
	}
}

// A row held against a column is each number of one against each of the other: as
// numpy has it, up to what the meter allows.
func TestBroadcastingIsMetered(t *testing.T) {
	row := func(n int) (row, column value.List) {
		for range n {
			row, column = append(row, value.Float(1)), append(column, value.List{value.Float(1)})
		}
		return row, column
	}
	for _, c := range []struct {
		n    int
		want error
	}{{200, nil}, {20_000, value.ErrSteps}} {
		expected, actual := row(c.n)
		m := value.NewMeter(context.Background(), 9*2*c.n)
		same, err := Rule{}.Equal(m, nil, expected, actual, new(RuleState), EvalplusMain)
		if !errors.Is(err, c.want) || same != (c.want == nil) {
			t.Errorf("%d numbers: got %v, %v", c.n, same, err)
		}
	}
}
