package judge

import (
	"testing"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

func TestScriptVerdicts(t *testing.T) {
	p := problem(t, "humaneval", task{Test: "def check(candidate):\n    assert candidate(1) == 2\n"})
	exception := func(line int) *runtimes.ExceptionInfo {
		return &runtimes.ExceptionInfo{Type: "AssertionError", Line: line}
	}
	ended := func(test runtimes.Outcome) runtimes.Outcome {
		return runtimes.Outcome{Kind: runtimes.OK, Fuel: 50, Pages: 9, Test: &test}
	}
	rt := &fakeRuntime{scripts: map[string]runtimes.Outcome{
		canonical:    ended(runtimes.Outcome{Kind: runtimes.OK}),
		"wrong":      ended(runtimes.Outcome{Kind: runtimes.Exception, Exception: exception(2)}),
		"raises":     {Kind: runtimes.Exception, Exception: exception(1), Test: &runtimes.Outcome{Kind: runtimes.Trap}},
		"poison":     ended(runtimes.Outcome{Kind: runtimes.OutOfFuel}),
		"compared":   ended(runtimes.Outcome{Kind: runtimes.BadValue}),
		"unparsable": {Kind: runtimes.SyntaxError},
	}}
	j := newJudge(t, Config{Runner: rt})
	for solution, want := range map[string]harness.Verdict{
		canonical: "pass", "wrong": "wrong_answer", "raises": "exception", "poison": "out_of_fuel",
		"compared": "bad_value", "unparsable": "syntax_error",
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
	rt := &fakeRuntime{scripts: map[string]runtimes.Outcome{
		canonical: {Kind: runtimes.OK, Fuel: 1000, Test: &runtimes.Outcome{Kind: runtimes.OK, Fuel: 10}},
	}}
	p := problem(t, "humaneval", task{Test: "check"})
	judgeOne(t, newJudge(t, Config{Runner: rt, FuelFactor: 2.5, Floor: 100}), p, canonical)
	if rt.limits.LoadFuel != 2500 || rt.limits.CallFuel != 2500 {
		t.Errorf("budgets %d and %d, want 2500", rt.limits.LoadFuel, rt.limits.CallFuel)
	}
	judgeOne(t, newJudge(t, Config{Runner: rt, Floor: 100_000}), p, canonical)
	if rt.limits.CallFuel != 100_000 {
		t.Errorf("budget %d, want the floor", rt.limits.CallFuel)
	}
}
