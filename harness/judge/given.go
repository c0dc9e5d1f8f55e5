package judge

import (
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/runtimes/python"
	"github.com/assay-dev/assay/runtimes/value"
)

// givenTests reads the tests that come with the data set. Nothing has to be run
// for those of a function, and for those of a program only to learn what the
// canonical solution uses, where there is one.
func givenTests(p *benchmarks.Problem) (*prepared, error) {
	if p.Oracle == benchmarks.Stdio {
		tests, err := p.Tests.Load()
		if err != nil {
			return nil, err
		}
		got := &prepared{tests: tests}
		if p.Canonical == "" {
			got.expected = &Expected{Sets: []ExpectedSet{{Wants: make([]Want, len(tests))}}}
		}
		return got, nil
	}
	source, expected, err := p.Tests.Calls()
	if err != nil {
		return nil, err
	}
	set, err := newInputSet(p, &source)
	if err != nil {
		return nil, err
	}
	out := ExpectedSet{Whole: true}
	for i, v := range expected {
		t := taker{rule: p.Rule}
		raw, err := value.AppendMarshal(nil, v)
		if err == nil {
			err = t.take(python.Result{Raw: raw})
		}
		if err != nil {
			return nil, fmt.Errorf("output %d: %w", i, err)
		}
		out.Wants = append(out.Wants, t.want)
	}
	return &prepared{sets: []inputSet{set}, expected: &Expected{Sets: []ExpectedSet{out}}}, nil
}
