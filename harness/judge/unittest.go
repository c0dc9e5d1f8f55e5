package judge

import (
	"context"
	_ "embed"
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
	e := &Expected{Fuel: o.Fuel}
	if e.Turned, err = turn(ctx, r, p); err != nil {
		return nil, err
	}
	job.Script.Test = e.Turned
	turned, err := r.Run(ctx, job, nil)
	if err != nil {
		return nil, fmt.Errorf("canonical solution of %s: %w", p.ID, err)
	}
	if o.Kind == runtimes.OK && assertionOfTest(turned) {
		e.Fails = []string{"the test"}
	}
	return e, nil
}

func (shared) groups(t *trial) ([]group, error) {
	job := scriptJob(t.problem, runtimes.ModeShared, t.solution, t.budgets())
	job.Script.Fuel = job.Limits.CallFuel
	turned := *job
	turned.Script.Test = t.expected.Turned
	return []group{{steps: []step{{job: job, read: func(o runtimes.Outcome) (bool, error) {
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
		return rec.Verdict == harness.Pass, nil
	}}, {job: &turned, read: func(o runtimes.Outcome) (bool, error) {
		if o.Kind == runtimes.OK && len(t.expected.Fails) > 0 {
			t.bought(t.expected.Fails[0])
		}
		return true, nil
	}}}}}, nil
}

// assertionOfTest says whether an assertion failed that is not the candidate's.
func assertionOfTest(o runtimes.Outcome) bool {
	return o.Kind == runtimes.Exception && o.Exception != nil &&
		o.Exception.Type == "AssertionError" && o.Exception.Line == 0
}

// turnSource is a program that turns tests around. It runs in an instance of its
// own, which no candidate sees.
//
//go:embed turn.py
var turnSource string

// turnID stands for turnSource in what is cached.
var turnID = candidateHash(turnSource)

// turn gives a problem's tests with their assertions in the opposite. A program
// that passes these as well as the tests has bought both.
func turn(ctx context.Context, r runtimes.Runner, p *benchmarks.Problem) (string, error) {
	o, err := r.Run(ctx, &runtimes.Job{
		Language: runtimes.Python, Mode: runtimes.ModeMain, Limits: canonicalLimits,
		Program: runtimes.Program{Source: turnSource, Name: "turn.py"}, Stdin: []byte(p.Test),
	}, nil)
	if err == nil && (o.Kind != runtimes.OK || o.Detail != "0") {
		err = fmt.Errorf("it ended with %s: %s%s", o.Kind, o.Detail, o.Stderr)
	}
	if err != nil {
		return "", fmt.Errorf("turning the tests of %s around: %w", p.ID, err)
	}
	return string(o.Stdout), nil
}

// bought says that the candidate has not earned its pass.
func (t *trial) bought(test string) {
	t.rec.Verdict = harness.ForgedResult
	t.rec.Failure = &harness.Failure{Detail: test + " passes with its assertions turned around, too"}
}

// unittest judges by unit tests in the candidate's own interpreter: each test
// must have a record, and each record must say that it passed. Then they run once
// more, in a fresh instance, with their assertions turned around, and none may
// pass that fails on the canonical solution.
type unittest struct{ nothingGiven }

func unittestJob(p *benchmarks.Problem, test, source string, lim runtimes.Limits) *runtimes.Job {
	job := newJob(p, runtimes.ModeTests, source, true, lim)
	job.Tests = runtimes.Tests{Source: test, Class: p.TestCase}
	return job
}

// expect reads which tests there are, and measures the canonical solution. As
// for scripts, one that fails has the budgets fall back to the floor.
func (unittest) expect(ctx context.Context, r runtimes.Runner, p *benchmarks.Problem, _ *prepared) (*Expected, error) {
	job := unittestJob(p, p.Test, p.Canonical, canonicalLimits)
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
	e := &Expected{Test: []byte(strings.Join(found.Names, "\n")), ran: []runtimes.Outcome{o}}
	if o.Kind == runtimes.OK {
		e.Fuel = o.Fuel
	}
	if e.Turned, err = turn(ctx, r, p); err != nil {
		return nil, err
	}
	turned, err := r.Run(ctx, unittestJob(p, e.Turned, p.Canonical, canonicalLimits), nil)
	if err != nil {
		return nil, fmt.Errorf("canonical solution of %s: %w", p.ID, err)
	}
	e.ran = append(e.ran, turned)
	for _, name := range found.Names {
		if passes(o, name) && !passes(turned, name) {
			e.Fails = append(e.Fails, name)
		}
	}
	return e, nil
}

// passes says whether there is a record of a test that says so, and no other.
func passes(o runtimes.Outcome, name string) bool {
	of := func(r runtimes.TestResult) bool { return r.Name == name || strings.HasPrefix(r.Name, name+" ") }
	return slices.ContainsFunc(o.Tests, of) &&
		!slices.ContainsFunc(o.Tests, func(r runtimes.TestResult) bool { return of(r) && r.Outcome != runtimes.TestPass })
}

func (unittest) groups(t *trial) ([]group, error) {
	steps := []step{
		{job: unittestJob(t.problem, t.problem.Test, t.solution, t.budgets()), read: t.readTests},
		{job: unittestJob(t.problem, t.expected.Turned, t.solution, t.budgets()), read: t.readTurned},
	}
	for i, o := range t.expected.ran {
		// The canonical solution was run just now, and would meet none of the limits.
		if t.solution == t.problem.Canonical && within(o, steps[i].job.Limits) {
			steps[i].known = &o
		}
	}
	return []group{{steps: steps}}, nil
}

// readTurned reads what became of the tests turned around. What the record says
// of fuel, memory and tests is of the tests as they are.
func (t *trial) readTurned(o runtimes.Outcome) (bool, error) {
	if o.Kind == runtimes.ForgedResult {
		t.rec.Verdict, t.rec.Failure = harness.ForgedResult, &harness.Failure{Detail: o.Detail}
		return false, nil
	}
	i := slices.IndexFunc(t.expected.Fails, func(name string) bool { return passes(o, name) })
	if i >= 0 {
		t.bought(t.expected.Fails[i])
	}
	return i < 0, nil
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
