package judge

import (
	"math/big"
	"strings"
	"testing"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

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
		"long":         plus(fakeResult{long: 1 << 30}),
		"laborious":    plus(laborious()),
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
	j := newJudge(t, Config{Runner: &fakeRuntime{cases: programs}, Floor: 5000})
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
		{program: "long", overall: "wrong_answer", base: "pass", plus: "wrong_answer", set: "plus", fuel: 2301, expect: "22"},
		{program: "laborious", overall: "out_of_fuel", base: "pass", plus: "out_of_fuel", set: "plus", fuel: 2301, expect: "22"},
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
			if twice := c.base != harness.Pass && c.plus != harness.Pass; twice != (rec.PlusFailure != nil) || twice && rec.PlusFailure.Set != "plus" {
				t.Errorf("failure on plus: %+v", rec.PlusFailure)
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

// laborious is a set with a range in it whose length takes a division of huge ints.
func laborious() fakeResult {
	long, step := new(big.Int).Lsh(big.NewInt(3), 1<<24), new(big.Int).Lsh(big.NewInt(5), 1<<23)
	huge := value.Typed{Type: "range", Base: value.Tuple{value.Small(0), value.Int{V: long}, value.Int{V: step}}}
	return fakeResult{raw: value.AppendTagged(nil, value.Set{huge}), tagged: true}
}

func TestBaseOnly(t *testing.T) {
	rt := &fakeRuntime{cases: map[string]fakeProgram{canonical: double}}
	p := problem(t, "humaneval+", task{Base: inputs(1), Plus: inputs(2)})
	all, base := newJudge(t, Config{Runner: rt}), newJudge(t, Config{Runner: rt, BaseOnly: true})
	rec := judgeOne(t, base, p, canonical)
	if rec.Verdict != harness.Pass || rec.Base != harness.Pass || rec.Plus != "" {
		t.Errorf("base only: %+v", rec)
	}
	if all.Identity(p, canonical) == base.Identity(p, canonical) {
		t.Error("judging less has the same identity")
	}
}
