package judge

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

func TestEqualityIsPythons(t *testing.T) {
	pow := func(n uint) value.Value { return value.NewInt(new(big.Int).Lsh(big.NewInt(1), n)) }
	long := make(value.List, 3000) // encoded in more than keptBytes: judged by digest
	for i := range long {
		long[i] = value.Small(i)
	}
	floats := make(value.List, len(long))
	for i := range floats {
		floats[i] = value.Float(i)
	}
	parted := make(value.List, 2*partItems) // comes in two parts
	partedFloats := make(value.List, len(parted))
	for i := range parted {
		parted[i], partedFloats[i] = value.Small(i), value.Float(i)
	}
	but := func(list value.List, i int, v value.Value) value.List {
		list = slices.Clone(list)
		list[i] = v
		return list
	}
	nan := value.Float(math.NaN())
	for _, c := range []struct {
		name             string
		expected, actual value.Value
		want             harness.Verdict
	}{
		{"bool for int", value.Small(1), value.Bool(true), harness.Pass},
		{"float for int", value.Small(1), value.Float(1), harness.Pass},
		{"huge ints", pow(400), pow(400), harness.Pass},
		{"huge int off by one", pow(400), value.NewInt(new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 400), big.NewInt(1))), harness.WrongAnswer},
		{"huge int as float", pow(100), value.Float(math.Pow(2, 100)), harness.Pass},
		{"list for tuple", value.Tuple{value.Small(1)}, value.List{value.Small(1)}, harness.WrongAnswer},
		{"order of a set", value.Set{value.Small(1), value.Str("a")}, value.Set{value.Str("a"), value.Small(1)}, harness.Pass},
		{"order of a dict", value.Dict{{Key: value.Small(1), Val: value.None{}}, {Key: value.Small(2), Val: value.None{}}},
			value.Dict{{Key: value.Small(2), Val: value.None{}}, {Key: value.Small(1), Val: value.None{}}}, harness.Pass},
		{"negative nought", value.Float(0), value.Float(math.Copysign(0, -1)), harness.Pass},
		{"a NaN is not itself", value.Float(math.NaN()), value.Float(math.NaN()), harness.WrongAnswer},
		{"a NaN in a list", value.List{value.Str("x"), value.Float(math.NaN())}, value.List{value.Str("x"), value.Float(math.NaN())}, harness.WrongAnswer},
		{"a NaN for a number", value.Small(1), value.Float(math.NaN()), harness.WrongAnswer},
		{"a long list", long, long, harness.Pass},
		{"a long list of floats for ints", long, floats, harness.Pass},
		{"a long list, one missing", long, long[:len(long)-1], harness.WrongAnswer},
		{"near, but not floats", value.Small(1), value.Float(1 + 1e-9), harness.WrongAnswer},
		{"near", value.Float(1), value.Float(1 + 1e-6), harness.Pass},
		{"near, of another type", value.Float(1.5), value.List{value.Float(1.5)}, harness.WrongAnswer},
		{"not near", value.Float(1), value.Float(1 + 3e-6), harness.WrongAnswer},
		{"near in a long list", floats, but(floats, 2999, value.Float(2999+1e-7)), harness.Pass},
		{"in parts", parted, parted, harness.Pass},
		{"in parts, floats for ints", parted, partedFloats, harness.Pass},
		{"in parts, the last item", parted, but(parted, len(parted)-1, value.None{}), harness.WrongAnswer},
		{"in parts, the first item", parted, but(parted, 0, value.None{}), harness.WrongAnswer},
		{"in parts, one missing", parted, parted[:len(parted)-1], harness.WrongAnswer},
		{"in parts, one too many", parted, append(parted[:len(parted):len(parted)], value.None{}), harness.WrongAnswer},
		{"in parts, only the first", parted, parted[:partItems], harness.WrongAnswer},
		{"in parts, short expected", parted[:partItems], parted, harness.WrongAnswer},
		{"in parts, none expected", value.None{}, parted, harness.WrongAnswer},
		{"in parts, a NaN", parted, but(parted, 1, nan), harness.WrongAnswer},
		{"in parts, a NaN expected", but(parted, 1, nan), but(parted, 1, nan), harness.WrongAnswer},
		{"in parts, near", partedFloats, but(partedFloats, partItems, value.Float(partItems+1e-9)), harness.Pass},
		{"in parts, not near", partedFloats, but(partedFloats, partItems, value.Float(partItems+1)), harness.WrongAnswer},
		{"in parts, near, but not only floats", but(partedFloats, 0, value.Small(0)), but(partedFloats, partItems, value.Float(partItems+1e-9)), harness.WrongAnswer},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := problem(t, "humaneval+", task{Base: inputs(1)})
			j := newJudge(t, Config{Runner: &fakeRuntime{cases: map[string]fakeProgram{
				canonical: returns(func(value.Value) value.Value { return c.expected }),
				"sample":  returns(func(value.Value) value.Value { return c.actual }),
			}}})
			if rec := judgeOne(t, j, p, "sample"); rec.Verdict != c.want {
				t.Errorf("%s, want %s: %+v", rec.Verdict, c.want, rec.Failure)
			}
		})
	}
}

// The third input's expected value is an int. It is compared with a tolerance
// when a float came before it, and exactly when not; and it makes no difference
// whether the float itself was settled by its frame, or belongs to another part.
func TestToleranceStaysOn(t *testing.T) {
	far := value.Small(100_000_000)
	program := func(fuel uint64, values ...value.Value) fakeProgram {
		return fakeProgram{call: func(args value.Tuple) fakeResult {
			return fakeResult{value: values[args[0].(value.Small)], fuel: fuel}
		}}
	}
	for _, c := range []struct {
		name      string
		canonical value.Value // second input
		sample    value.Value
		want      harness.Verdict
	}{
		{"float, by frame", value.Float(0.5), value.Float(0.5), harness.Pass},
		{"float, by comparison", value.Float(0.5), value.Float(0.5 + 1e-9), harness.Pass},
		{"no float", value.Small(1), value.Small(1), harness.WrongAnswer},
		{"no float expected", value.Small(1), value.Float(1), harness.WrongAnswer},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := problem(t, "humaneval+", task{Base: inputs(0, 1, 2), Plus: inputs(2)})
			j := newJudge(t, Config{Runner: &fakeRuntime{cases: map[string]fakeProgram{
				canonical: program(1, value.None{}, c.canonical, far),
				"sample":  program(1, value.None{}, c.sample, far+1),
			}}})
			alone := newJudge(t, Config{Runner: &fakeRuntime{cases: map[string]fakeProgram{
				canonical: program(partFuel, value.None{}, c.canonical, far),
				"sample":  program(partFuel, value.None{}, c.sample, far+1),
			}}})
			for _, j := range []*Judge{j, alone} {
				rec := judgeOne(t, j, p, "sample")
				if rec.Base != c.want {
					t.Errorf("base: %s, want %s", rec.Base, c.want)
				}
				if rec.Plus != harness.WrongAnswer {
					t.Errorf("plus: %s, want %s: the tolerance of one set is not that of another", rec.Plus, harness.WrongAnswer)
				}
			}
		})
	}
}

func TestSpecialRules(t *testing.T) {
	p := problem(t, "mbpp+", task{ID: "Mbpp/737", Entry: "check_str", Base: inputs("a", "b")})
	match := opaque(t, "re.Match")
	program := func(hit bool) fakeProgram {
		return fakeProgram{call: func(args value.Tuple) fakeResult {
			if (args[0] == value.Str("a")) == hit {
				return match
			}
			return fakeResult{value: value.None{}}
		}}
	}
	j := newJudge(t, Config{Runner: &fakeRuntime{cases: map[string]fakeProgram{canonical: program(true), "inverse": program(false)}}})
	if rec := judgeOne(t, j, p, canonical); rec.Verdict != harness.Pass {
		t.Errorf("a match where a match is expected: %s: %+v", rec.Verdict, rec.Failure)
	}
	rec := judgeOne(t, j, p, "inverse")
	if rec.Verdict != harness.WrongAnswer || rec.Failure.Expected != "True" || rec.Failure.Actual != "None" {
		t.Errorf("none where a match is expected: %s: %+v", rec.Verdict, rec.Failure)
	}
}

func TestNeverRecordedUnderEvalplus031(t *testing.T) {
	p := problem(t, "humaneval+", task{Entry: "find_zero", Base: inputs([]any{-6, 2}), Plus: inputs([]any{-8, 2}), Atol: 1e-4})
	root := returns(func(v value.Value) value.Value {
		c := v.(value.List)
		return -value.Float(c[0].(value.Small)) / value.Float(c[1].(value.Small))
	})
	programs := map[string]fakeProgram{canonical: root, "wrong": returns(func(value.Value) value.Value { return value.Float(0) })}
	for _, c := range []struct {
		compat     benchmarks.Compat
		program    string
		want       harness.Verdict
		hasDetail  bool
		hasNoInput bool
	}{
		{benchmarks.EvalplusMain, canonical, harness.Pass, false, false},
		{benchmarks.EvalplusMain, "wrong", harness.WrongAnswer, false, false},
		{benchmarks.Evalplus031, canonical, harness.WrongAnswer, true, true},
		{benchmarks.Evalplus031, "wrong", harness.WrongAnswer, false, false},
	} {
		j := newJudge(t, Config{Runner: &fakeRuntime{cases: programs}, Compat: c.compat})
		rec := judgeOne(t, j, p, c.program)
		if rec.Base != c.want || rec.Plus != c.want {
			t.Errorf("%s under %s: %s and %s, want %s", c.program, c.compat, rec.Base, rec.Plus, c.want)
		}
		if f := rec.Failure; f != nil && (f.Input == nil) != c.hasNoInput || f != nil && (f.Detail == neverRecordedDetail) != c.hasDetail {
			t.Errorf("%s under %s: failure %+v", c.program, c.compat, f)
		}
	}
}

// Comparing by digest says what comparing the values says, wherever an expected
// value is let go for its digest.
func FuzzDigestAgreesWithEquality(f *testing.F) {
	add := func(a, b value.Value) {
		rawA, errA := value.AppendMarshal(nil, a)
		rawB, errB := value.AppendMarshal(nil, b)
		if errA != nil || errB != nil {
			f.Fatal(errA, errB)
		}
		f.Add(rawA, rawB, false)
	}
	add(value.List{value.Small(1), value.Str("a")}, value.List{value.Float(1), value.Str("a")})
	add(value.Set{value.Small(1), value.Small(2)}, value.Set{value.Small(2), value.Bool(true)})
	add(value.Dict{{Key: value.Small(1), Val: value.Float(math.NaN())}}, value.Dict{})
	f.Add([]byte("{i\x01\x00\x00\x00i\x01\x00\x00\x000"),
		[]byte("(\x03\x00\x00\x00u\x05\x00\x00\x00typedu\x13\x00\x00\x00collections.Counter(\x02\x00\x00\x00u\x04\x00\x00\x00dict[\x02\x00\x00\x00i\x01\x00\x00\x00i\x01\x00\x00\x00"), true)
	f.Fuzz(func(t *testing.T, rawA, rawB []byte, tagged bool) {
		a, errA := decode(nil, runtimes.Result{Raw: rawA}, runtimes.Limits{}.WithDefaults())
		b, errB := decode(nil, runtimes.Result{Raw: rawB, Tagged: tagged}, runtimes.Limits{}.WithDefaults())
		if errA != nil || errB != nil {
			return
		}
		digest, err := value.Digest(nil, a)
		if err != nil || !(benchmarks.Rule{}).Digest(a, &benchmarks.RuleState{}) {
			return // kept, and compared
		}
		run := partRun{setRun: &setRun{trial: &trial{config: &Config{}, problem: &benchmarks.Problem{}}}}
		got, err := value.Digest(nil, b)
		byDigest := err == nil && got == digest
		whole, wholeErr := run.equal(nil, 0, &Want{Kept: rawA}, b)
		if err == nil && wholeErr == nil && byDigest != whole || err != nil && whole {
			t.Errorf("%v and %v: by digest %v (%v), by value %v (%v)", a, b, byDigest, err, whole, wholeErr)
		}
	})
}

func TestFailureShowsThePartThatIsWrong(t *testing.T) {
	list := make(value.List, partItems+3)
	for i := range list {
		list[i] = value.Small(i)
	}
	wrong := slices.Clone(list)
	wrong[partItems+1] = value.Str("?")
	p := problem(t, "humaneval+", task{Base: inputs(1)})
	j := newJudge(t, Config{Runner: &fakeRuntime{cases: map[string]fakeProgram{
		canonical: returns(func(value.Value) value.Value { return list }),
		"sample":  returns(func(value.Value) value.Value { return wrong }),
	}}})
	f := judgeOne(t, j, p, "sample").Failure
	if f == nil || f.Actual != "[16384, '?', 16386]" || f.Detail != "shown from index 16384 on: the items before it are right" {
		t.Errorf("failure %+v", f)
	}
}
