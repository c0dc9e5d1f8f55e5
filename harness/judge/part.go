package judge

import (
	"context"
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python"
)

// partRun is one candidate on the inputs of a set from one to before another,
// in a fresh instance, in order, up to the first that fails.
type partRun struct {
	*setRun
	done, to int // inputs that were right, or come before; and the end
	state    benchmarks.RuleState

	pieces  int // frames of the next input that were right
	verdict harness.Verdict
	failure *harness.Failure
	fuel    uint64
	pages   uint32
	fault   error
}

func (r *partRun) run(ctx context.Context, solution string) error {
	c := r.judge.config
	lim := c.Limits
	lim.LoadFuel = c.grant(r.problem, r.expected.Load)
	lim.CallFuel = c.Floor
	from := r.done
	inputs := r.set.inputs(func(i int) uint64 { return c.grant(r.problem, r.expected.Wants[i].Fuel) })[from:r.to]
	visit := func(i int, res python.Result) bool { return r.visit(from+i, res) }
	outcome, err := c.Runtime.RunCases(ctx, program(r.problem, solution, r.expected.Whole), inputs, lim, visit)
	switch {
	case err != nil:
		return err
	case r.fault != nil:
		return r.fault
	case r.verdict != "": // ended by visit
		return nil
	}
	r.end(outcome)
	return nil
}

// visit compares one result and says whether to go on.
func (r *partRun) visit(i int, res python.Result) bool {
	r.fuel, r.pages = res.Total, res.Pages
	m, err := r.compare(i, res)
	if err != nil {
		r.fault = err
		return false
	}
	if m.verdict == harness.Pass {
		r.pieces++
		if !res.More {
			r.done, r.pieces = r.done+1, 0
		}
		return true
	}
	r.fail(m.verdict, i)
	r.failure.Expected, r.failure.Actual, r.failure.Detail = r.shownExpected(i), m.actual, m.detail
	return false
}

// end judges a run that visit didn't stop.
func (r *partRun) end(o runtimes.Outcome) {
	r.fuel, r.pages = o.Fuel, o.Pages
	switch {
	case o.Kind != runtimes.OK:
		r.fail(verdictOf(o.Kind), r.done)
		r.failure.Exception, r.failure.Detail = o.Exception, o.Detail
	case r.done < r.to:
		r.fail(harness.NoResult, r.done)
		r.failure.Detail = fmt.Sprintf("%d results for %d inputs", r.done, len(r.set.args))
	default:
		r.verdict = harness.Pass
	}
}

// fail notes the first failing input; one past the end is no input.
func (r *partRun) fail(v harness.Verdict, input int) {
	r.verdict, r.failure = v, &harness.Failure{Set: r.set.name}
	if input < r.to {
		r.failure.Input = &input
		r.failure.Args = r.shownArgs(input)
	}
}
