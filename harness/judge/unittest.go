package judge

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python"
)

func unitTests(p *benchmarks.Problem) python.Tests {
	return python.Tests{Source: p.Test, Class: p.TestCase}
}

// expectTests reads which tests there are, and measures the canonical solution.
// As for scripts, one that fails has the budgets fall back to the floor.
func (j *Judge) expectTests(ctx context.Context, p *benchmarks.Problem) (*Expected, error) {
	t := unitTests(p)
	names, err := j.config.Runtime.TestNames(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("tests of %s: %w", p.ID, err)
	}
	o, err := j.config.Runtime.RunTests(ctx, program(p, p.Canonical, true), t, canonicalLimits)
	if err != nil {
		return nil, fmt.Errorf("canonical solution of %s: %w", p.ID, err)
	}
	e := &Expected{Test: []byte(strings.Join(names, "\n")), ran: &o}
	if o.Kind == runtimes.OK {
		e.Fuel = o.Fuel
	}
	return e, nil
}

// unittest judges by unit tests in the candidate's own interpreter: each test
// must have a record, and each record must say that it passed.
func (j *Judge) unittest(ctx context.Context, p *benchmarks.Problem, prep *prepared, solution string, rec *harness.Record) error {
	lim := j.config.Limits
	lim.LoadFuel = j.config.budget(prep.expected.Fuel)
	lim.CallFuel = lim.LoadFuel
	o, err := j.runTests(ctx, p, prep.expected, solution, lim)
	if err != nil {
		return fmt.Errorf("%s: %w", p.ID, err)
	}
	rec.Fuel, rec.Pages, rec.Tests = o.Fuel, o.Pages, o.Results
	ownLine(o.Exception, solution)
	for _, r := range o.Results {
		ownLine(r.Exception, solution)
	}
	if o.Kind != runtimes.OK {
		rec.Verdict = verdictOf(o.Kind)
		rec.Failure = &harness.Failure{Exception: o.Exception, Detail: o.Detail}
		return nil
	}
	rec.Verdict = harness.Pass
	if i := slices.IndexFunc(o.Results, func(r runtimes.TestResult) bool { return r.Outcome != runtimes.TestPass }); i >= 0 {
		rec.Verdict, rec.Failure = testVerdict(o.Results[i])
		return nil
	}
	if name := missing(strings.Split(string(prep.expected.Test), "\n"), o.Results); name != "" {
		rec.Verdict = harness.NoResult
		rec.Failure = &harness.Failure{Detail: "there is no record of " + name}
	}
	return nil
}

// runTests runs a candidate's tests, unless it is the canonical solution, which
// was run just now and would meet none of the limits.
func (j *Judge) runTests(ctx context.Context, p *benchmarks.Problem, e *Expected, solution string, lim runtimes.Limits) (python.TestsOutcome, error) {
	if o := e.ran; o != nil && solution == p.Canonical && within(o.Outcome, lim) {
		return *o, nil
	}
	return j.config.Runtime.RunTests(ctx, program(p, solution, true), unitTests(p), lim)
}

// within says whether a run under canonicalLimits would be the same under lim.
func within(o runtimes.Outcome, lim runtimes.Limits) bool {
	other := canonicalLimits
	other.LoadFuel, other.CallFuel, other.MemoryBytes, other.OutputBytes = lim.LoadFuel, lim.CallFuel, lim.MemoryBytes, lim.OutputBytes
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
