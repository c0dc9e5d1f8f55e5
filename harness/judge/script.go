package judge

import (
	"context"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

// script judges by test code in an instance of its own, whose calls travel to the
// candidate's.
type script struct{ nothingGiven }

// nothingGiven is what a data set has of a problem whose tests are code: all that
// there is to know comes of running the canonical solution.
type nothingGiven struct{}

func (nothingGiven) given(*benchmarks.Problem) (*prepared, error) { return &prepared{}, nil }

func (nothingGiven) sizes(*benchmarks.Problem) []int { return nil }

// expect measures the canonical solution. Where it fails its own tests, the
// budgets fall back to the floor: what that says about a sample is for the
// sample's verdict.
func (script) expect(ctx context.Context, r runtimes.Runner, p *benchmarks.Problem, _ *prepared) (*Expected, error) {
	job := scriptJob(p, runtimes.ModeScript, p.Canonical, canonicalLimits)
	found, err := inspect(ctx, r, &runtimes.Job{Script: job.Script})
	if err == nil && len(found.Compiled) == 0 {
		err = errors.New("nothing came of compiling it")
	}
	if err != nil {
		return nil, fmt.Errorf("test of %s: %w", p.ID, err)
	}
	job.Script.Compiled, job.Script.Record = found.Compiled, true
	job.Script.Fuel = canonicalLimits.CallFuel
	o, err := r.Run(ctx, job, nil)
	if err != nil {
		return nil, fmt.Errorf("canonical solution of %s: %w", p.ID, err)
	}
	return &Expected{Fuel: o.Fuel, TestFuel: o.Test.Fuel, Test: found.Compiled, Transcript: o.Transcript}, nil
}

// inspect has test code read.
func inspect(ctx context.Context, r runtimes.Runner, job *runtimes.Job) (runtimes.Outcome, error) {
	job.Language, job.Mode = runtimes.Python, runtimes.ModeInspect
	o, err := r.Run(ctx, job, nil)
	switch {
	case err != nil:
		return o, err
	case o.Kind == runtimes.SyntaxError && o.Exception != nil:
		return o, fmt.Errorf("%w: line %d: %s", errScript, o.Exception.Line, o.Exception.Message)
	case o.Kind != runtimes.OK:
		return o, fmt.Errorf("reading the test program ended with %s: %s", o.Kind, o.Detail)
	}
	return o, nil
}

// errScript says that a script's helpers or test are not Python.
var errScript = errors.New("the test program does not parse")

func scriptJob(p *benchmarks.Problem, mode runtimes.Mode, source string, lim runtimes.Limits) *runtimes.Job {
	job := newJob(p, mode, source, true, lim)
	job.Script = runtimes.Script{Helpers: p.Helpers, Test: p.Test, Entry: p.EntryPoint}
	return job
}

// budgets grant the candidate's side, at loading and in each call, multiples of
// what the canonical solution used.
func (t *trial) budgets() runtimes.Limits {
	lim := t.config.Limits
	lim.LoadFuel = t.config.budget(t.expected.Fuel)
	lim.CallFuel = lim.LoadFuel
	return lim
}

func (script) groups(t *trial) ([]group, error) {
	job := scriptJob(t.problem, runtimes.ModeScript, t.solution, t.budgets())
	job.Script.Fuel = t.config.budget(t.expected.TestFuel)
	job.Script.Compiled, job.Script.Transcript = t.expected.Test, t.expected.Transcript
	return single(step{job: job, read: func(o runtimes.Outcome) (bool, error) {
		rec := t.rec
		rec.Fuel, rec.Pages = o.Fuel, o.Pages
		switch {
		case o.Kind != runtimes.OK:
			rec.Verdict = verdictOf(o.Kind)
			rec.Failure = &harness.Failure{Exception: o.Exception, Detail: o.Detail}
		case o.Test.Kind == runtimes.OK:
			rec.Verdict = harness.Pass
		case o.Test.Kind == runtimes.Exception:
			rec.Verdict = harness.WrongAnswer
			rec.Failure = testFailure(t.problem, *o.Test)
		default:
			// The tests are trusted: what they ran out of, a value of the
			// candidate's used up.
			rec.Verdict = verdictOf(o.Test.Kind)
			rec.Failure = testFailure(t.problem, *o.Test)
		}
		return true, nil
	}}), nil
}

func single(s step) []group { return []group{{steps: []step{s}}} }
