package judge

import (
	"fmt"
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
