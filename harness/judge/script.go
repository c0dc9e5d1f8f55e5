package judge

import (
	"context"
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python"
)

func script(p *benchmarks.Problem) python.Script {
	return python.Script{Helpers: p.Helpers, Test: p.Test, Entry: p.EntryPoint}
}

// scriptLimits grants the candidate's side, at loading and in each call, and
// the trusted side multiples of what the canonical solution made them use.
func (j *Judge) scriptLimits(p *benchmarks.Problem, e *Expected) (runtimes.Limits, python.Script) {
	lim := j.config.Limits
	lim.LoadFuel = j.config.budget(e.Fuel)
	lim.CallFuel = j.config.budget(e.Fuel)
	s := script(p)
	s.Fuel, s.Compiled, s.Transcript = j.config.budget(e.TestFuel), e.Test, e.Transcript
	return lim, s
}

// script judges by test code in an instance of its own.
func (j *Judge) script(ctx context.Context, p *benchmarks.Problem, prep *prepared, solution string, rec *harness.Record) error {
	lim, s := j.scriptLimits(p, prep.expected)
	o, err := j.config.Runtime.RunScript(ctx, s, program(p, solution, true), lim)
	if err != nil {
		return fmt.Errorf("%s: %w", p.ID, err)
	}
	rec.Fuel, rec.Pages = o.Candidate.Fuel, o.Candidate.Pages
	switch {
	case o.Candidate.Kind != runtimes.OK:
		rec.Verdict = verdictOf(o.Candidate.Kind)
		rec.Failure = &harness.Failure{Exception: o.Candidate.Exception, Detail: o.Candidate.Detail}
	case o.Test.Kind == runtimes.OK:
		rec.Verdict = harness.Pass
	case o.Test.Kind == runtimes.Exception:
		rec.Verdict = harness.WrongAnswer
		rec.Failure = testFailure(p, o.Test)
	default:
		// The tests are trusted: what they ran out of, a value of the
		// candidate's used up.
		rec.Verdict = verdictOf(o.Test.Kind)
		rec.Failure = testFailure(p, o.Test)
	}
	return nil
}

// shared judges by test code in the candidate's own interpreter.
func (j *Judge) shared(ctx context.Context, p *benchmarks.Problem, prep *prepared, solution string, rec *harness.Record) error {
	lim, s := j.scriptLimits(p, prep.expected)
	s.Fuel = lim.CallFuel
	o, err := j.config.Runtime.RunShared(ctx, program(p, solution, true), s, lim)
	if err != nil {
		return fmt.Errorf("%s: %w", p.ID, err)
	}
	rec.Fuel, rec.Pages = o.Fuel, o.Pages
	rec.Verdict = verdictOf(o.Kind)
	switch {
	case o.Kind == runtimes.OK:
	case assertionOfTest(o):
		rec.Verdict = harness.WrongAnswer
		rec.Failure = testFailure(p, o)
	default:
		rec.Failure = &harness.Failure{Exception: o.Exception, Detail: o.Detail}
	}
	return nil
}

// assertionOfTest says whether an assertion failed that is not the candidate's.
func assertionOfTest(o runtimes.Outcome) bool {
	return o.Kind == runtimes.Exception && o.Exception != nil &&
		o.Exception.Type == "AssertionError" && o.Exception.Line == 0
}
