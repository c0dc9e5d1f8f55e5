package judge

import (
	"context"
	"fmt"

	"assay/benchmarks"
	"assay/harness"
	"assay/runtimes"
	"assay/runtimes/python"
)

// cases judges by inputs and expected values: each input set in a fresh
// instance, all of its inputs in order, up to the first that fails.
func (j *Judge) cases(ctx context.Context, p *benchmarks.Problem, prep *prepared, solution string, rec *harness.Record) error {
	rec.Verdict = harness.Pass
	for i, set := range prep.sets {
		if j.config.BaseOnly && set.name != "base" {
			continue
		}
		r := setRun{judge: j, problem: p, set: set, expected: &prep.expected.Sets[i]}
		if err := r.run(ctx, solution); err != nil {
			return fmt.Errorf("%s, inputs %q: %w", p.ID, set.name, err)
		}
		rec.Fuel += r.fuel
		rec.Pages = max(rec.Pages, r.pages)
		switch set.name {
		case "base":
			rec.Base = r.verdict
		case "plus":
			rec.Plus = r.verdict
		}
		if rec.Verdict == harness.Pass && r.verdict != harness.Pass {
			rec.Verdict, rec.Failure = r.verdict, r.failure
		}
	}
	return nil
}

// setRun is one candidate on one input set.
type setRun struct {
	judge    *Judge
	problem  *benchmarks.Problem
	set      inputSet
	expected *ExpectedSet
	state    benchmarks.RuleState

	done    int // inputs that were right
	pieces  int // frames of the next one that were right
	verdict harness.Verdict
	failure *harness.Failure
	fuel    uint64
	pages   uint32
	fault   error
}

func (r *setRun) run(ctx context.Context, solution string) error {
	c := r.judge.config
	lim := c.Limits
	lim.LoadFuel = c.budget(r.expected.Load)
	lim.CallFuel = c.Floor
	inputs := r.set.inputs(func(i int) uint64 { return c.budget(r.expected.Wants[i].Fuel) })
	outcome, err := c.Runtime.RunCases(ctx, program(r.problem, solution, r.expected.Whole), inputs, lim, r.visit)
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
func (r *setRun) visit(i int, res python.Result) bool {
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
func (r *setRun) end(o runtimes.Outcome) {
	r.fuel, r.pages = o.Fuel, o.Pages
	switch {
	case o.Kind != runtimes.OK:
		r.fail(verdictOf(o.Kind), r.done)
		r.failure.Exception, r.failure.Detail = o.Exception, o.Detail
	case r.done < len(r.set.args):
		r.fail(harness.NoResult, r.done)
		r.failure.Detail = fmt.Sprintf("%d results for %d inputs", r.done, len(r.set.args))
	case r.problem.Rule.NeverRecorded(r.judge.config.Compat):
		r.verdict = harness.WrongAnswer
		r.failure = &harness.Failure{Set: r.set.name, Detail: neverRecordedDetail}
	default:
		r.verdict = harness.Pass
	}
}

// fail notes the first failing input; one past the last is no input.
func (r *setRun) fail(v harness.Verdict, input int) {
	r.verdict, r.failure = v, &harness.Failure{Set: r.set.name}
	if input < len(r.set.args) {
		r.failure.Input = &input
		r.failure.Args = r.shownArgs(input)
	}
}
