package judge

import (
	"context"
	"errors"
	"math"
	"math/big"
	"strings"
	"sync"
	"testing"

	"assay/benchmarks"
	"assay/harness"
	"assay/runtimes"
	"assay/runtimes/cache"
	"assay/runtimes/python"
	"assay/runtimes/value"
)

func newJudge(t *testing.T, c Config) *Judge {
	t.Helper()
	j, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func judgeOne(t *testing.T, j *Judge, p *benchmarks.Problem, solution string) harness.Record {
	t.Helper()
	rec, err := j.Judge(context.Background(), p, benchmarks.Sample{TaskID: p.ID, Solution: solution})
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// double is the canonical solution of most tests here.
var double = returns(func(v value.Value) value.Value { return v.(value.Small) * 2 })

func TestCasesVerdicts(t *testing.T) {
	plus := func(f fakeResult) fakeProgram {
		return fakeProgram{load: 1000, call: func(args value.Tuple) fakeResult {
			if n := args[0].(value.Small); n < 10 {
				return fakeResult{value: n * 2}
			}
			return f
		}}
	}
	programs := map[string]fakeProgram{
		canonical:      double,
		"other":        returns(func(v value.Value) value.Value { return value.Float(v.(value.Small) * 2) }),
		"wrong":        returns(func(v value.Value) value.Value { return v }),
		"none":         returns(func(v value.Value) value.Value { return value.None{} }),
		"opaque":       plus(opaque(t, "Liar")),
		"malformed":    plus(fakeResult{raw: []byte("Q")}),
		"deep":         plus(fakeResult{raw: []byte(strings.Repeat("[\x01\x00\x00\x00", 300) + "N")}),
		"raises":       plus(ends(runtimes.Exception)),
		"exits":        plus(ends(runtimes.NoResult)),
		"forges":       plus(ends(runtimes.ForgedResult)),
		"unencodable":  plus(ends(runtimes.BadValue)),
		"traps":        plus(ends(runtimes.Trap)),
		"recurses":     plus(ends(runtimes.StackOverflow)),
		"hoards":       plus(ends(runtimes.OutOfMemory)),
		"prints":       plus(ends(runtimes.OutputLimit)),
		"writes":       plus(ends(runtimes.FSLimit)),
		"slow":         plus(fakeResult{value: value.Small(22), fuel: 5001}),
		"nearly slow":  plus(fakeResult{value: value.Small(22), fuel: 5000}),
		"slow to load": {load: 5001},
		"early":        {load: 1000, early: true, call: double.call},
		"early import": {fails: &runtimes.Outcome{Kind: runtimes.NoResult, Fuel: 3}},
	}
	p := problem(t, "humaneval+", task{Base: inputs(1, 2), Plus: inputs(11)})
	j := newJudge(t, Config{Runtime: &fakeRuntime{cases: programs}, Floor: 5000})
	const none = -1
	for _, c := range []struct {
		program        string
		overall        harness.Verdict
		base, plus     harness.Verdict
		set            string
		input          int
		fuel           uint64
		expect, actual string
	}{
		{program: canonical, overall: "pass", base: "pass", plus: "pass", fuel: 2302},
		{program: "other", overall: "pass", base: "pass", plus: "pass", fuel: 2302},
		{program: "wrong", overall: "wrong_answer", base: "wrong_answer", plus: "wrong_answer", set: "base", fuel: 2200, expect: "2", actual: "1"},
		{program: "none", overall: "wrong_answer", base: "wrong_answer", plus: "wrong_answer", set: "base", fuel: 2200, expect: "2", actual: "None"},
		{program: "opaque", overall: "bad_value", base: "pass", plus: "bad_value", set: "plus", fuel: 2301, expect: "22"},
		{program: "malformed", overall: "forged_result", base: "pass", plus: "forged_result", set: "plus", fuel: 2301, expect: "22"},
		{program: "deep", overall: "bad_value", base: "pass", plus: "bad_value", set: "plus", fuel: 2301, expect: "22"},
		{program: "raises", overall: "exception", base: "pass", plus: "exception", set: "plus", fuel: 2208},
		{program: "exits", overall: "no_result", base: "pass", plus: "no_result", set: "plus", fuel: 2208},
		{program: "forges", overall: "forged_result", base: "pass", plus: "forged_result", set: "plus", fuel: 2208},
		{program: "unencodable", overall: "bad_value", base: "pass", plus: "bad_value", set: "plus", fuel: 2208},
		{program: "traps", overall: "trap", base: "pass", plus: "trap", set: "plus", fuel: 2208},
		{program: "recurses", overall: "stack_overflow", base: "pass", plus: "stack_overflow", set: "plus", fuel: 2208},
		{program: "hoards", overall: "out_of_memory", base: "pass", plus: "out_of_memory", set: "plus", fuel: 2208},
		{program: "prints", overall: "output_limit", base: "pass", plus: "output_limit", set: "plus", fuel: 2208},
		{program: "writes", overall: "fs_limit", base: "pass", plus: "fs_limit", set: "plus", fuel: 2208},
		{program: "slow", overall: "out_of_fuel", base: "pass", plus: "out_of_fuel", set: "plus", fuel: 7201},
		{program: "nearly slow", overall: "pass", base: "pass", plus: "pass", fuel: 7202},
		{program: "slow to load", overall: "out_of_fuel", base: "out_of_fuel", plus: "out_of_fuel", set: "base", fuel: 10000},
		{program: "early", overall: "no_result", base: "no_result", plus: "no_result", set: "base", input: 1, fuel: 2102},
		{program: "early import", overall: "no_result", base: "no_result", plus: "no_result", set: "base", fuel: 6},
		{program: "unknown", overall: "syntax_error", base: "syntax_error", plus: "syntax_error", set: "base"},
	} {
		t.Run(c.program, func(t *testing.T) {
			rec := judgeOne(t, j, p, c.program)
			if rec.Verdict != c.overall || rec.Base != c.base || rec.Plus != c.plus {
				t.Errorf("verdicts %s, %s, %s, want %s, %s, %s", rec.Verdict, rec.Base, rec.Plus, c.overall, c.base, c.plus)
			}
			if rec.Fuel != c.fuel {
				t.Errorf("fuel %d, want %d", rec.Fuel, c.fuel)
			}
			if rec.TaskID != p.ID || rec.Oracle != "cases" || rec.Identity != j.Identity(p, c.program) || rec.Version != harness.RecordVersion {
				t.Errorf("record %+v lacks its task, oracle, identity or version", rec)
			}
			if c.overall == harness.Pass {
				if rec.Failure != nil {
					t.Errorf("a pass with a failure: %+v", rec.Failure)
				}
				return
			}
			f := rec.Failure
			if f == nil || f.Set != c.set || f.Input == nil || *f.Input != c.input {
				t.Fatalf("failure %+v, want input %d of %s", f, c.input, c.set)
			}
			if f.Expected != c.expect || c.actual != "" && f.Actual != c.actual {
				t.Errorf("expected %q, actual %q, want %q, %q", f.Expected, f.Actual, c.expect, c.actual)
			}
			if f.Args == "" {
				t.Error("the failing input isn't shown")
			}
		})
	}
}

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
		{"near in a long list", floats, append(floats[:len(floats)-1:len(floats)-1], value.Float(2999+1e-7)), harness.Pass},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := problem(t, "humaneval+", task{Base: inputs(1)})
			j := newJudge(t, Config{Runtime: &fakeRuntime{cases: map[string]fakeProgram{
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
// whether the float itself was settled by its frame.
func TestToleranceStaysOn(t *testing.T) {
	far := value.Small(100_000_000)
	program := func(values ...value.Value) fakeProgram {
		return returns(func(v value.Value) value.Value { return values[v.(value.Small)] })
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
			j := newJudge(t, Config{Runtime: &fakeRuntime{cases: map[string]fakeProgram{
				canonical: program(value.None{}, c.canonical, far),
				"sample":  program(value.None{}, c.sample, far+1),
			}}})
			rec := judgeOne(t, j, p, "sample")
			if rec.Base != c.want {
				t.Errorf("base: %s, want %s", rec.Base, c.want)
			}
			if rec.Plus != harness.WrongAnswer {
				t.Errorf("plus: %s, want %s: the tolerance of one set is not that of another", rec.Plus, harness.WrongAnswer)
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
	j := newJudge(t, Config{Runtime: &fakeRuntime{cases: map[string]fakeProgram{canonical: program(true), "inverse": program(false)}}})
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
		j := newJudge(t, Config{Runtime: &fakeRuntime{cases: programs}, Compat: c.compat})
		rec := judgeOne(t, j, p, c.program)
		if rec.Base != c.want || rec.Plus != c.want {
			t.Errorf("%s under %s: %s and %s, want %s", c.program, c.compat, rec.Base, rec.Plus, c.want)
		}
		if f := rec.Failure; f != nil && (f.Input == nil) != c.hasNoInput || f != nil && (f.Detail == neverRecordedDetail) != c.hasDetail {
			t.Errorf("%s under %s: failure %+v", c.program, c.compat, f)
		}
	}
}

func TestBaseOnly(t *testing.T) {
	rt := &fakeRuntime{cases: map[string]fakeProgram{canonical: double}}
	p := problem(t, "humaneval+", task{Base: inputs(1), Plus: inputs(2)})
	all, base := newJudge(t, Config{Runtime: rt}), newJudge(t, Config{Runtime: rt, BaseOnly: true})
	rec := judgeOne(t, base, p, canonical)
	if rec.Verdict != harness.Pass || rec.Base != harness.Pass || rec.Plus != "" {
		t.Errorf("base only: %+v", rec)
	}
	if all.Identity(p, canonical) == base.Identity(p, canonical) {
		t.Error("judging less has the same identity")
	}
}

func TestScriptVerdicts(t *testing.T) {
	p := problem(t, "humaneval", task{Test: "def check(candidate):\n    assert candidate(1) == 2\n"})
	exception := func(line int) *runtimes.ExceptionInfo {
		return &runtimes.ExceptionInfo{Type: "AssertionError", Line: line}
	}
	ok := runtimes.Outcome{Kind: runtimes.OK, Fuel: 50, Pages: 9}
	rt := &fakeRuntime{scripts: map[string]python.ScriptOutcome{
		canonical:    {Candidate: ok, Test: ok},
		"wrong":      {Candidate: ok, Test: runtimes.Outcome{Kind: runtimes.Exception, Exception: exception(2)}},
		"raises":     {Candidate: runtimes.Outcome{Kind: runtimes.Exception, Exception: exception(1)}, Test: runtimes.Outcome{Kind: runtimes.Trap}},
		"poison":     {Candidate: ok, Test: runtimes.Outcome{Kind: runtimes.OutOfFuel}},
		"compared":   {Candidate: ok, Test: runtimes.Outcome{Kind: runtimes.BadValue}},
		"unparsable": {Candidate: runtimes.Outcome{Kind: runtimes.SyntaxError}},
		"bad test":   {Candidate: ok, Test: runtimes.Outcome{Kind: runtimes.SyntaxError}},
	}}
	j := newJudge(t, Config{Runtime: rt})
	for solution, want := range map[string]harness.Verdict{
		canonical: "pass", "wrong": "wrong_answer", "raises": "exception", "poison": "out_of_fuel",
		"compared": "bad_value", "unparsable": "syntax_error", "bad test": "infra_error",
	} {
		rec := judgeOne(t, j, p, solution)
		if rec.Verdict != want {
			t.Errorf("%s: %s, want %s", solution, rec.Verdict, want)
		}
		if (rec.Failure == nil) != (want == harness.Pass) {
			t.Errorf("%s: failure %+v", solution, rec.Failure)
		}
	}
	if rec := judgeOne(t, j, p, "wrong"); rec.Failure.Detail != "test line 2: assert candidate(1) == 2" || rec.Fuel != 50 || rec.Pages != 9 {
		t.Errorf("a failed assertion: %+v, %+v", rec, rec.Failure)
	}
}

func TestBudgetsFollowTheCanonicalSolution(t *testing.T) {
	rt := &fakeRuntime{scripts: map[string]python.ScriptOutcome{
		canonical: {Candidate: runtimes.Outcome{Kind: runtimes.OK, Fuel: 1000}, Test: runtimes.Outcome{Kind: runtimes.OK, Fuel: 10}},
	}}
	p := problem(t, "humaneval", task{Test: "check"})
	judgeOne(t, newJudge(t, Config{Runtime: rt, FuelFactor: 2.5, Floor: 100}), p, canonical)
	if rt.limits.LoadFuel != 2500 || rt.limits.CallFuel != 2500 {
		t.Errorf("budgets %d and %d, want 2500", rt.limits.LoadFuel, rt.limits.CallFuel)
	}
	judgeOne(t, newJudge(t, Config{Runtime: rt, Floor: 100_000}), p, canonical)
	if rt.limits.CallFuel != 100_000 {
		t.Errorf("budget %d, want the floor", rt.limits.CallFuel)
	}
}

func TestFaultsAreRetriedThenSaid(t *testing.T) {
	p := problem(t, "humaneval+", task{Base: inputs(1)})
	for faults, want := range map[int]harness.Verdict{1: harness.Pass, 2: harness.InfraError} {
		rt := &fakeRuntime{cases: map[string]fakeProgram{canonical: double}}
		j := newJudge(t, Config{Runtime: rt})
		if err := j.Prepare(context.Background(), p); err != nil {
			t.Fatal(err)
		}
		rt.faults = faults
		rec := judgeOne(t, j, p, canonical)
		if rec.Verdict != want {
			t.Errorf("after %d faults: %s, want %s", faults, rec.Verdict, want)
		}
		if want == harness.InfraError && !strings.Contains(rec.Failure.Detail, errFake.Error()) {
			t.Errorf("the fault isn't named: %+v", rec.Failure)
		}
		if again := judgeOne(t, j, p, canonical); again.Verdict != harness.Pass {
			t.Errorf("a fault was remembered: %+v", again)
		}
	}
}

func TestCanonicalSolutionThatFailsIsOurFault(t *testing.T) {
	p := problem(t, "humaneval+", task{Base: inputs(1)})
	j := newJudge(t, Config{Runtime: &fakeRuntime{cases: map[string]fakeProgram{
		canonical: {call: func(value.Tuple) fakeResult { return ends(runtimes.Exception) }},
		"sample":  double,
	}}})
	rec := judgeOne(t, j, p, "sample")
	if rec.Verdict != harness.InfraError || !strings.Contains(rec.Failure.Detail, `"base": input 0: the canonical solution ended with exception`) {
		t.Errorf("%s: %+v", rec.Verdict, rec.Failure)
	}
}

func TestGivingUpIsNoVerdict(t *testing.T) {
	p := problem(t, "humaneval+", task{Base: inputs(1)})
	rt := &fakeRuntime{cases: map[string]fakeProgram{canonical: double}, faults: 9}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := newJudge(t, Config{Runtime: rt}).Judge(ctx, p, benchmarks.Sample{Solution: canonical})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
}

func TestEqualWorkIsDoneOnce(t *testing.T) {
	store, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := problem(t, "humaneval+", task{Base: inputs(1), Plus: inputs(2)})
	programs := map[string]fakeProgram{canonical: double, "sample": double}
	first := &fakeRuntime{cases: programs}
	j := newJudge(t, Config{Runtime: first, Cache: store})
	var wg sync.WaitGroup
	records := make([]harness.Record, 8)
	for i := range records {
		wg.Go(func() {
			rec, err := j.Judge(context.Background(), p, benchmarks.Sample{TaskID: p.ID, Index: i, Solution: "sample"})
			if err != nil {
				t.Error(err)
			}
			records[i] = rec
		})
	}
	wg.Wait()
	if first.ran[canonical] != 2 || first.ran["sample"] != 2 {
		t.Errorf("ran %v, want each program once on each of two sets", first.ran)
	}
	for i, rec := range records {
		if rec.Sample != i || rec.Verdict != harness.Pass {
			t.Errorf("sample %d: %+v", i, rec)
		}
	}

	second := &fakeRuntime{cases: programs}
	if rec := judgeOne(t, newJudge(t, Config{Runtime: second, Cache: store}), p, "sample"); rec != records[0] {
		t.Errorf("from the cache: %+v, want %+v", rec, records[0])
	}
	if len(second.ran) != 0 {
		t.Errorf("ran %v, want nothing", second.ran)
	}

	third := &fakeRuntime{cases: programs}
	judgeOne(t, newJudge(t, Config{Runtime: third, Cache: store, Fresh: true}), p, "sample")
	if third.ran["sample"] != 2 || third.ran[canonical] != 0 {
		t.Errorf("ran %v, want the sample anew against cached expected values", third.ran)
	}
}

func TestIdentityCoversWhatVerdictsDependOn(t *testing.T) {
	rt := &fakeRuntime{}
	p := problem(t, "humaneval+", task{Base: inputs(1)})
	other := problem(t, "humaneval+", task{Base: inputs(2)})
	seen := map[string]string{}
	note := func(what, id string) {
		if was, ok := seen[id]; ok {
			t.Errorf("%s has the identity of %s", what, was)
		}
		seen[id] = what
	}
	note("the plain one", newJudge(t, Config{Runtime: rt}).Identity(p, "a"))
	note("another solution", newJudge(t, Config{Runtime: rt}).Identity(p, "b"))
	note("another problem", newJudge(t, Config{Runtime: rt}).Identity(other, "a"))
	note("another factor", newJudge(t, Config{Runtime: rt, FuelFactor: 8}).Identity(p, "a"))
	note("another floor", newJudge(t, Config{Runtime: rt, Floor: 1}).Identity(p, "a"))
	note("other rules", newJudge(t, Config{Runtime: rt, Compat: benchmarks.Evalplus031}).Identity(p, "a"))
	note("another limit", newJudge(t, Config{Runtime: rt, Limits: runtimes.Limits{FSNodes: 3}}).Identity(p, "a"))
	if newJudge(t, Config{Runtime: rt, FuelFactor: DefaultFuelFactor}).Identity(p, "a") != newJudge(t, Config{Runtime: rt}).Identity(p, "a") {
		t.Error("a default that is named has another identity")
	}
}

func TestConfigIsChecked(t *testing.T) {
	rt := &fakeRuntime{}
	for _, c := range []Config{
		{}, {Runtime: rt, FuelFactor: 0.5}, {Runtime: rt, FuelFactor: math.NaN()}, {Runtime: rt, FuelFactor: math.Inf(1)}, {Runtime: rt, Compat: "evalplus-9"},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}
