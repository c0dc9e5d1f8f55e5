package judge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

// A set that takes long is judged in parts, and its record is the same however
// many of them run at once: that of the parts up to the first that fails.
func TestParts(t *testing.T) {
	const load = 1000
	slow := func(result func(n value.Small) fakeResult) fakeProgram {
		return fakeProgram{load: load, call: func(args value.Tuple) fakeResult {
			r := result(args[0].(value.Small))
			r.fuel = partFuel / 3
			return r
		}}
	}
	double := func(n value.Small) fakeResult { return fakeResult{value: n * 2} }
	programs := map[string]fakeProgram{
		canonical: slow(double),
		"wrong":   slow(func(n value.Small) fakeResult { return fakeResult{value: min(n, 4) * 2} }),
		"raises": slow(func(n value.Small) fakeResult {
			if n < 4 {
				return double(n)
			}
			return ends(runtimes.Exception)
		}),
		"early":        {load: load, early: true, call: slow(double).call},
		"slow to load": {fails: &runtimes.Outcome{Kind: runtimes.OutOfFuel, Fuel: 5}},
	}
	p := problem(t, "humaneval+", task{Base: inputs(0), Plus: inputs(0, 1, 2, 3, 4, 5, 6, 7)})
	const part = load + 3*(partFuel/3)
	for _, c := range []struct {
		program string
		verdict harness.Verdict
		input   int
		fuel    uint64 // on plus
		runs    int    // on plus, one after the other
	}{
		{program: canonical, verdict: harness.Pass, fuel: 3*load + 3 + 8*(partFuel/3), runs: 3},
		{program: "wrong", verdict: harness.WrongAnswer, input: 5, fuel: 2*part + 1, runs: 2},
		{program: "raises", verdict: harness.Exception, input: 4, fuel: part + 1 + load + partFuel/3 + 7, runs: 2},
		{program: "early", verdict: harness.NoResult, input: 2, fuel: load + 2*(partFuel/3) + 1, runs: 1},
		{program: "slow to load", verdict: harness.OutOfFuel, fuel: 5, runs: 1},
	} {
		var first harness.Record
		for _, parallel := range []int{1, 2, 8} {
			t.Run(fmt.Sprintf("%s, %d", c.program, parallel), func(t *testing.T) {
				fake := &fakeRuntime{cases: programs}
				j := newJudge(t, Config{Runner: fake, Parallel: parallel})
				if err := j.Prepare(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				fake.ran = nil
				rec := judgeOne(t, j, p, c.program)
				if rec.Plus != c.verdict {
					t.Errorf("plus: %s, want %s", rec.Plus, c.verdict)
				}
				f := rec.Failure
				if rec.Base != harness.Pass {
					f = rec.PlusFailure
				}
				if c.verdict != harness.Pass && *f.Input != c.input {
					t.Errorf("the failing input is %d, want %d", *f.Input, c.input)
				}
				if parallel == 1 {
					first = rec
					base := newJudge(t, Config{Runner: fake, BaseOnly: true})
					runs := fake.ran[c.program]
					if got := rec.Fuel - judgeOne(t, base, p, c.program).Fuel; got != c.fuel {
						t.Errorf("fuel on plus %d, want %d", got, c.fuel)
					}
					if runs != 1+c.runs {
						t.Errorf("%d runs, want one and %d", runs, c.runs)
					}
				}
				if diff := cmp.Diff(first, rec); diff != "" {
					t.Errorf("(-one at a time +%d):\n%s", parallel, diff)
				}
			})
		}
	}
}

// All inputs of a set have sixty times the least budget of one together, or what
// the canonical solution's use allows: a program that stays within each one's
// doesn't get a hundred times that. Parts that run at once change nothing.
func TestAllTestsTogether(t *testing.T) {
	uses := func(load, fuel uint64) fakeProgram {
		return fakeProgram{load: load, call: func(args value.Tuple) fakeResult {
			return fakeResult{value: args[0], fuel: fuel}
		}}
	}
	var hundred []any
	for i := range 100 {
		hundred = append(hundred, i)
	}
	p := problem(t, "humaneval+", task{Base: inputs(0), Plus: inputs(hundred...)})
	const third = partFuel / 3 // parts have three inputs
	for _, c := range []struct {
		name                string
		floor               uint64
		canonical, solution fakeProgram
		input               int // -1: it passes
	}{
		{"little", 5000, uses(10, 10), uses(10, 2999), -1},
		{"to the last", 5000, uses(0, 10), uses(0, 3000-1), -1}, // 60 × 5,000 and a unit each for handing over
		{"much", 5000, uses(10, 10), uses(10, 4990), 60},
		{"as the canonical solution allows", 5000, uses(10, 4000), uses(10, 15_999), -1},
		{"parts", 5 * third, uses(0, third), uses(0, 3*third-1), -1},
		{"loading again for each part", 5 * third, uses(0, third), uses(5*third, 4*third), 71},
	} {
		var first harness.Record
		for _, parallel := range []int{1, 4} {
			t.Run(fmt.Sprintf("%s, %d", c.name, parallel), func(t *testing.T) {
				fake := &fakeRuntime{cases: map[string]fakeProgram{canonical: c.canonical, "solution": c.solution}}
				rec := judgeOne(t, newJudge(t, Config{Runner: fake, Parallel: parallel, Floor: c.floor}), p, "solution")
				want := harness.OutOfFuel
				if c.input < 0 {
					want = harness.Pass
				}
				if rec.Base != harness.Pass || rec.Plus != want {
					t.Errorf("base %s, plus %s, want %s: %+v", rec.Base, rec.Plus, want, rec.Failure)
				} else if f := rec.Failure; c.input >= 0 && (*f.Input != c.input || !strings.Contains(f.Detail, "that all tests have together")) {
					t.Errorf("failure at %d: %q", *f.Input, f.Detail)
				}
				if parallel == 1 {
					first = rec
				}
				if diff := cmp.Diff(first, rec); diff != "" {
					t.Errorf("(-one at a time +%d):\n%s", parallel, diff)
				}
			})
		}
	}
}
