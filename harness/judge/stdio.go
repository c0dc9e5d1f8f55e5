package judge

import (
	"context"
	"fmt"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

// stdioSet is the one input set that a problem on standard input has.
const stdioSet = "base"

// stdio judges by what the program prints for each test, in a fresh instance
// each, up to the first that fails. What its exit code says is of no account.
func (j *Judge) stdio(ctx context.Context, p *benchmarks.Problem, prep *prepared, solution string, rec *harness.Record) error {
	wants := prep.expected.Sets[0].Wants
	rec.TestCount = len(prep.tests)
	for i, t := range prep.tests {
		lim := j.config.Limits
		lim.LoadFuel = j.config.grant(p, wants[i].Fuel)
		lim.OutputBytes = max(lim.OutputBytes, 2*uint64(len(t.Output)))
		o, err := j.config.Runtime.RunMain(ctx, program(p, solution, true), nil, []byte(t.Input), lim)
		if err != nil {
			return fmt.Errorf("%s, test %d: %w", p.ID, i, err)
		}
		rec.Fuel += o.Fuel
		rec.Pages = max(rec.Pages, o.Pages)
		verdict, failure := printed(p, t, o)
		if verdict != harness.Pass {
			failure.Set, failure.Input, failure.Args = stdioSet, &i, shownText(t.Input)
			rec.Verdict, rec.Base, rec.Failure = verdict, verdict, failure
			return nil
		}
	}
	rec.Verdict, rec.Base = harness.Pass, harness.Pass
	return nil
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
func shownText(s string) string {
	const more = "…"
	if len(s) > shownBytes {
		s = s[:shownBytes-len(more)] + more
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// expectStdio measures the canonical solution on each test, which it has to
// pass.
func (j *Judge) expectStdio(ctx context.Context, p *benchmarks.Problem, tests []benchmarks.Test) (*Expected, error) {
	set := ExpectedSet{Wants: make([]Want, len(tests))}
	for i, t := range tests {
		o, err := j.config.Runtime.RunMain(ctx, program(p, p.Canonical, true), nil, []byte(t.Input), canonicalLimits)
		if err != nil {
			return nil, fmt.Errorf("canonical solution of %s, test %d: %w", p.ID, i, err)
		}
		if verdict, f := printed(p, t, o); verdict != harness.Pass {
			return nil, fmt.Errorf("canonical solution of %s, test %d: %s%s: %s", p.ID, i, verdict, because(o), f.Detail)
		}
		set.Wants[i].Fuel = o.Fuel
	}
	return &Expected{Sets: []ExpectedSet{set}}, nil
}
