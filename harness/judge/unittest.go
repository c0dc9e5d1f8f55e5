package judge

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/cache"
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

func (shared) turn(ctx context.Context, r runtimes.Runner, p *benchmarks.Problem, got *Turned, _ *Expected) error {
	job := scriptJob(p, runtimes.ModeShared, p.Canonical, canonicalLimits)
	job.Script.Fuel, job.Script.Test = canonicalLimits.CallFuel, got.Source
	o, err := r.Run(ctx, job, nil)
	if err == nil && assertionOfTest(o) {
		got.Fails = []string{"the test"}
	}
	return err
}

func (shared) groups(t *trial) ([]group, error) {
	job := scriptJob(t.problem, runtimes.ModeShared, t.solution, t.budgets())
	job.Script.Fuel = job.Limits.CallFuel
	turned := *job
	turned.Limits = twice(job.Limits)
	turned.Script.Fuel = turned.Limits.CallFuel
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
	}}, {job: &turned, ready: func(got *Turned) { turned.Script.Test = got.Source }, read: func(o runtimes.Outcome) (bool, error) {
		return t.earned(o, func(string) bool { return assertionOfTest(o) }), nil
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

// Turned are a problem's tests turned around: where they assert something, these
// ask for the opposite and want that to fail. A program that solves the problem
// fails them; one that has bought what the tests stand on passes them as well.
type Turned struct {
	_      struct{} `cbor:",toarray"`
	Source string
	Fails  []string // the tests that fail so on the canonical solution, and pass as they are
}

// turner is an oracle whose tests a candidate can reach.
type turner interface {
	// turn runs the canonical solution by tests turned around, and takes which fail.
	turn(ctx context.Context, r runtimes.Runner, p *benchmarks.Problem, got *Turned, e *Expected) error
}

// turned finds a problem's tests turned around: in memory, in the cache, or by
// making them. They are not made before a sample has passed the tests as they are.
func (j *Judge) turned(ctx context.Context, p *benchmarks.Problem, e *Expected) (*Turned, error) {
	key := runtimes.Key("assay turned", j.expectedKey(p)+turnID)
	return once(&j.preparing, j.turnedTests, key, func() (*Turned, int, error) {
		if j.config.Cache != nil {
			kept := &Turned{}
			if data, err := j.config.Cache.Get(cache.Expected, key); err == nil && runtimes.Decode(data, kept) == nil {
				return kept, len(data), nil
			}
		}
		got := &Turned{}
		if err := j.turn(ctx, p, got, e); err != nil {
			return nil, 0, fmt.Errorf("turning the tests of %s around: %w", p.ID, err)
		}
		var data bytes.Buffer
		if err := runtimes.Encode(&data, got); err != nil {
			return nil, 0, err
		}
		if j.config.Cache != nil {
			// The cache only saves time: a full disk is no reason to fail here.
			_ = j.config.Cache.Put(cache.Expected, key, data.Bytes())
		}
		return got, data.Len(), nil
	})
}

func (j *Judge) turn(ctx context.Context, p *benchmarks.Problem, got *Turned, e *Expected) error {
	o, err := j.config.Runner.Run(ctx, &runtimes.Job{
		Language: runtimes.Python, Mode: runtimes.ModeMain, Limits: canonicalLimits,
		Program: runtimes.Program{Source: turnSource, Name: "turn.py"}, Stdin: []byte(p.Test),
	}, nil)
	if err == nil && (o.Kind != runtimes.OK || o.Detail != "0") {
		err = fmt.Errorf("it ended with %s: %s%s", o.Kind, o.Detail, o.Stderr)
	}
	if err != nil {
		return err
	}
	got.Source = string(o.Stdout)
	oracle, err := oracleOf(p)
	if err != nil {
		return err
	}
	return oracle.(turner).turn(ctx, j.config.Runner, p, got, e)
}

// earned says whether each test fails that must, and takes the pass away where one
// doesn't. What the record says of fuel, memory and tests is of the tests as they
// are.
func (t *trial) earned(o runtimes.Outcome, fails func(test string) bool) bool {
	i := slices.IndexFunc(t.turned.Fails, func(test string) bool { return !fails(test) })
	if i < 0 {
		return true
	}
	detail := t.turned.Fails[i] + " does not fail as it must with its assertions turned around"
	if o.Kind == runtimes.ForgedResult {
		detail = o.Detail
	}
	t.rec.Verdict, t.rec.Failure = harness.ForgedResult, &harness.Failure{Detail: detail}
	return false
}

// twice is the fuel for tests turned around, which ask more than once.
func twice(lim runtimes.Limits) runtimes.Limits {
	lim.LoadFuel, lim.CallFuel = 2*lim.LoadFuel, 2*lim.CallFuel
	return lim
}

// unittest judges by unit tests in the candidate's own interpreter: each test
// must have a record, and each record must say that it passed. Then they run once
// more, in a fresh instance, with their assertions turned around, and each must fail
// that fails on the canonical solution.
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
	e := &Expected{Test: []byte(strings.Join(found.Names, "\n")), ran: &o}
	if o.Kind == runtimes.OK {
		e.Fuel = o.Fuel
	}
	return e, nil
}

func (unittest) turn(ctx context.Context, r runtimes.Runner, p *benchmarks.Problem, got *Turned, e *Expected) error {
	o, err := r.Run(ctx, unittestJob(p, got.Source, p.Canonical, canonicalLimits), nil)
	for name := range strings.SplitSeq(string(e.Test), "\n") {
		if denies(o, name) {
			got.Fails = append(got.Fails, name)
		}
	}
	return err
}

// denies says whether a test that was turned around failed as it must: it came to
// its end, and each of its assertions said no to its opposite.
func denies(o runtimes.Outcome, name string) bool {
	return slices.ContainsFunc(o.Tests, func(r runtimes.TestResult) bool {
		return r.Name == name && r.Outcome == runtimes.TestFail && r.Exception == nil
	})
}

func (unittest) groups(t *trial) ([]group, error) {
	s := step{job: unittestJob(t.problem, t.problem.Test, t.solution, t.budgets()), read: t.readTests}
	if t.solution == t.problem.Canonical {
		// It is what the others are held against. It was run just now, perhaps, and
		// would meet none of the limits.
		if o := t.expected.ran; o != nil && within(*o, s.job.Limits) {
			s.known = o
		}
		return single(s), nil
	}
	job := unittestJob(t.problem, "", t.solution, twice(s.job.Limits))
	return []group{{steps: []step{s, {job: job, ready: func(got *Turned) { job.Tests.Source = got.Source }, read: t.readTurned}}}}, nil
}

func (t *trial) readTurned(o runtimes.Outcome) (bool, error) {
	return t.earned(o, func(name string) bool { return denies(o, name) }), nil
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
