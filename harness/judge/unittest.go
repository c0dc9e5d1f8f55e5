package judge

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/runtimes"
)

// shared judges by test code in the candidate's own interpreter, for tests that
// construct the candidate's own classes.
type shared struct{ nothingGiven }

func (shared) expect(ctx context.Context, r runtimes.Runner, p *benchmarks.Problem, _ *prepared) (*Expected, error) {
	job := scriptJob(p, runtimes.ModeShared, p.Canonical, canonicalLimits)
	job.Script.Fuel = canonicalLimits.CallFuel
	o, err := r.Run(ctx, job, nil)
	if err != nil {
		return nil, fmt.Errorf("canonical solution of %s: %w", p.ID, err)
	}
	return &Expected{Fuel: o.Fuel}, nil
}

func (shared) groups(t *trial) ([]group, error) {
	job := scriptJob(t.problem, runtimes.ModeShared, t.solution, t.budgets())
	job.Script.Fuel = job.Limits.CallFuel
	return single(step{job: job, read: func(o runtimes.Outcome) (bool, error) {
		rec := t.rec
		rec.Fuel, rec.Pages = o.Fuel, o.Pages
		rec.Verdict = verdictOf(o.Kind)
		switch {
		case o.Kind == runtimes.OK:
		case assertionOfTest(o):
			rec.Verdict = harness.WrongAnswer
			rec.Failure = testFailure(t.problem, o)
		default:
			rec.Failure = &harness.Failure{Exception: o.Exception, Detail: o.Detail}
		}
		return true, nil
	}}), nil
}

// assertionOfTest says whether an assertion failed that is not the candidate's.
func assertionOfTest(o runtimes.Outcome) bool {
	return o.Kind == runtimes.Exception && o.Exception != nil &&
		o.Exception.Type == "AssertionError" && o.Exception.Line == 0
}

// unittest judges by unit tests in the candidate's own interpreter: each test
// must have a record, and each record must say that it passed.
type unittest struct{ nothingGiven }

func unittestJob(p *benchmarks.Problem, source string, lim runtimes.Limits) *runtimes.Job {
	job := newJob(p, runtimes.ModeTests, source, true, lim)
	job.Tests = runtimes.Tests{Source: p.Test, Class: p.TestCase}
	return job
}

// expect reads which tests there are, and measures the canonical solution. As
// for scripts, one that fails has the budgets fall back to the floor.
func (unittest) expect(ctx context.Context, r runtimes.Runner, p *benchmarks.Problem, _ *prepared) (*Expected, error) {
	job := unittestJob(p, p.Canonical, canonicalLimits)
	found, err := inspect(ctx, r, &runtimes.Job{Tests: job.Tests})
	if err == nil && len(found.Names) == 0 {
		err = fmt.Errorf("%w: there is no test in a class %s", errScript, p.TestCase)
	}
	for _, name := range found.Names {
		if excerpt.Line(name, runtimes.MostName) != name { // a record of it would have another
			err = fmt.Errorf("%w: the name of a test is too long, or can't be shown: %s", errScript, excerpt.Line(name, runtimes.MostName))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("tests of %s: %w", p.ID, err)
	}
	o, err := r.Run(ctx, job, nil)
	if err != nil {
		return nil, fmt.Errorf("canonical solution of %s: %w", p.ID, err)
	}
	e := &Expected{Test: []byte(strings.Join(found.Names, "\n")), ran: &o}
	if o.Kind == runtimes.OK {
		e.Fuel = o.Fuel
	}
	return e, nil
}

func (unittest) groups(t *trial) ([]group, error) {
	s := step{job: unittestJob(t.problem, t.solution, t.budgets()), read: t.readTests}
	// The canonical solution was run just now, and would meet none of the limits.
	if o := t.expected.ran; o != nil && t.solution == t.problem.Canonical && within(*o, s.job.Limits) {
		s.known = o
	}
	return single(s), nil
}

func (t *trial) readTests(o runtimes.Outcome) (bool, error) {
	rec := t.rec
	rec.Fuel, rec.Pages, rec.Tests = o.Fuel, o.Pages, o.Tests
	ownLine(o.Exception, t.solution)
	for _, r := range o.Tests {
		ownLine(r.Exception, t.solution)
	}
	if o.Kind != runtimes.OK {
		rec.Verdict = verdictOf(o.Kind)
		rec.Failure = &harness.Failure{Exception: o.Exception, Detail: o.Detail}
		return false, nil
	}
	rec.Verdict = harness.Pass
	if i := slices.IndexFunc(o.Tests, func(r runtimes.TestResult) bool { return r.Outcome != runtimes.TestPass }); i >= 0 {
		rec.Verdict, rec.Failure = testVerdict(o.Tests[i])
	} else if name := missing(strings.Split(string(t.expected.Test), "\n"), o.Tests); name != "" {
		rec.Verdict = harness.NoResult
		rec.Failure = &harness.Failure{Detail: "there is no record of " + name}
	}
	return rec.Verdict == harness.Pass, nil
}

// within says whether a run under canonicalLimits would be the same under lim.
func within(o runtimes.Outcome, lim runtimes.Limits) bool {
	other := canonicalLimits
	other.LoadFuel, other.CallFuel, other.MemoryBytes, other.OutputBytes = lim.LoadFuel, lim.CallFuel, lim.MemoryBytes, lim.OutputBytes
	other.ValueBytes, other.ValueNodes = lim.ValueBytes, lim.ValueNodes // no value travels
	const page = 64 << 10
	switch o.Kind {
	case runtimes.OK, runtimes.Exception, runtimes.SyntaxError, runtimes.NoResult:
		return lim == other && o.Fuel <= lim.LoadFuel && o.Fuel <= lim.CallFuel &&
			uint64(o.Pages)*page <= lim.MemoryBytes && uint64(max(len(o.Stdout), len(o.Stderr))) <= lim.OutputBytes
	}
	return false
}

// testVerdict says what a test that did not pass makes of the sample.
func testVerdict(r runtimes.TestResult) (harness.Verdict, *harness.Failure) {
	f := &harness.Failure{Exception: r.Exception, Detail: "in " + r.Name}
	switch r.Outcome {
	case runtimes.TestFail:
		return harness.WrongAnswer, f
	case runtimes.TestSkip:
		f.Detail = r.Name + " was skipped"
		return harness.NoResult, f
	}
	return harness.Verdict(runtimes.Exception), f
}

// missing names the first test without a record; "" when all have one.
func missing(names []string, results []runtimes.TestResult) string {
	for _, name := range names {
		if !slices.ContainsFunc(results, func(r runtimes.TestResult) bool { return r.Name == name }) {
			return name
		}
	}
	return ""
}

// ownLine takes a line of the tests, which follow the program in its module, for
// none of the program's.
func ownLine(x *runtimes.ExceptionInfo, solution string) {
	if x != nil && x.Line > strings.Count(solution, "\n")+1 {
		x.Line = 0
	}
}
