package judge

import (
	"context"
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/runtimes"
)

// stdio judges by what the program prints for each test, in a fresh instance
// each, up to the first that fails. What its exit code says is of no account.
type stdio struct{}

// stdioSet is the one input set that a problem on standard input has.
const stdioSet = "base"

// given reads the tests. Those of a program have to be run to learn what the
// canonical solution uses, where there is one.
func (stdio) given(p *benchmarks.Problem) (*prepared, error) {
	tests, err := p.Tests.Load()
	if err != nil {
		return nil, fmt.Errorf("tests of %s: %w", p.ID, err)
	}
	got := &prepared{tests: tests}
	if p.Canonical == "" {
		got.expected = &Expected{Sets: []expectedSet{{Wants: make([]Want, len(tests))}}}
	}
	return got, nil
}

// sizes can't be known without reading the tests.
func (stdio) sizes(*benchmarks.Problem) []int { return []int{anySize} }

// expect measures the canonical solution on each test. Where it fails one, nothing
// that it used counts, and the budgets fall back to the floor: the samples are
// judged by the tests all the same, and their records say what is wrong.
func (stdio) expect(ctx context.Context, r runtimes.Runner, p *benchmarks.Problem, got *prepared) (*Expected, error) {
	set := expectedSet{Wants: make([]Want, len(got.tests))}
	for i, t := range got.tests {
		o, err := r.Run(ctx, stdioJob(p, p.Canonical, t, canonicalLimits), nil)
		if err != nil {
			return nil, fmt.Errorf("canonical solution of %s, test %d: %w", p.ID, i, err)
		}
		if verdict, f := printed(p, t, o); verdict != harness.Pass {
			why := because(o)
			if o.Kind == runtimes.OK {
				why = ": " + f.Detail
			}
			wrong := excerpt.Line(fmt.Sprintf("test %d: %s%s", i, verdict, why), runtimes.MostDetail)
			none := expectedSet{Wants: make([]Want, len(got.tests))}
			return &Expected{Sets: []expectedSet{none}, Fails: wrong}, nil
		}
		set.Wants[i].Fuel = o.Fuel
	}
	return &Expected{Sets: []expectedSet{set}}, nil
}

func stdioJob(p *benchmarks.Problem, source string, t benchmarks.Test, lim runtimes.Limits) *runtimes.Job {
	job := newJob(p, runtimes.ModeMain, source, true, lim)
	job.Stdin = []byte(t.Input)
	return job
}

func (stdio) groups(t *trial) ([]group, error) {
	t.rec.TestCount, t.rec.OwnSolution = len(t.tests), t.expected.Fails
	t.rec.Verdict, t.rec.Base = harness.Pass, harness.Pass
	budget := t.config.grantAll(t.problem, t.expected.Sets[0].total())
	var g group
	for i, test := range t.tests {
		lim := t.config.Limits
		lim.LoadFuel = t.config.grant(t.problem, t.expected.Sets[0].Wants[i].Fuel)
		lim.OutputBytes = max(lim.OutputBytes, 2*uint64(len(test.Output)))
		g.steps = append(g.steps, step{
			name: fmt.Sprintf(", test %d", i),
			job:  stdioJob(t.problem, t.solution, test, lim),
			read: func(o runtimes.Outcome) (bool, error) {
				t.rec.Fuel += o.Fuel
				t.rec.Pages = max(t.rec.Pages, o.Pages)
				verdict, failure := printed(t.problem, test, o)
				if verdict == harness.Pass && t.rec.Fuel > budget {
					verdict, failure = harness.OutOfFuel, &harness.Failure{Detail: overAll(budget)}
				}
				if verdict != harness.Pass {
					failure.Set, failure.Input, failure.Args = stdioSet, &i, shownText(test.Input)
					t.rec.Verdict, t.rec.Base, t.rec.Failure = verdict, verdict, failure
				}
				return verdict == harness.Pass, nil
			},
		})
	}
	return []group{g}, nil
}

// printed says what a program's output is worth.
func printed(p *benchmarks.Problem, t benchmarks.Test, o runtimes.Outcome) (harness.Verdict, *harness.Failure) {
	f := &harness.Failure{Expected: shownText(t.Output), Actual: shownText(string(o.Stdout))}
	if o.Kind != runtimes.OK {
		f.Exception, f.Detail = o.Exception, o.Detail
		return verdictOf(o.Kind), f
	}
	same, difference := p.Output.Equal(t.Output, string(o.Stdout))
	if !same {
		f.Detail = difference
		return harness.WrongAnswer, f
	}
	return harness.Pass, nil
}

// shownText is what a failure shows of a text: its head.
func shownText(s string) string { return excerpt.Lines(s, shownBytes) }
