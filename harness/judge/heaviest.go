package judge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python"
)

// CostlyInput is an input of a problem.
type CostlyInput struct {
	Set   string `json:"set"`
	Input int    `json:"input"`
	Fuel  uint64 `json:"fuel"` // that the canonical solution used on it when expected values were made
}

// ErrNoCost says of a problem that what a program uses can't be held against the
// canonical solution's.
var ErrNoCost = errors.New("there is no canonical solution to measure against, input by input")

// CostliestInputs are the n inputs on which the canonical solution uses the most fuel,
// the heaviest first.
func (j *Judge) CostliestInputs(ctx context.Context, p *benchmarks.Problem, n int) ([]CostlyInput, error) {
	if p.Canonical == "" || p.Oracle != benchmarks.Cases && p.Oracle != benchmarks.Stdio {
		return nil, ErrNoCost
	}
	prep, err := j.prepare(ctx, p)
	if err != nil {
		return nil, err
	}
	var all []CostlyInput
	for i, set := range prep.expected.Sets {
		name := stdioSet
		if i < len(prep.sets) {
			name = prep.sets[i].name
		}
		for k := range set.Wants {
			all = append(all, CostlyInput{name, k, set.Wants[k].Fuel})
		}
	}
	slices.SortStableFunc(all, func(a, b CostlyInput) int { return cmp.Compare(b.Fuel, a.Fuel) })
	return all[:min(n, len(all))], nil
}

// FuelAt is what a program uses on an input, in a fresh instance: so nothing is
// remembered from another one. Loading the program doesn't count, unless reading
// and printing is all that it does (stdio). ok is false for a program that fails
// there under the canonical solution's own limits.
func (j *Judge) FuelAt(ctx context.Context, p *benchmarks.Problem, solution string, at CostlyInput) (fuel uint64, ok bool, err error) {
	prep, err := j.prepare(ctx, p)
	if err != nil {
		return 0, false, err
	}
	if p.Oracle == benchmarks.Stdio {
		o, err := j.config.Runtime.RunMain(ctx, program(p, solution, true), nil, []byte(prep.tests[at.Input].Input), canonicalLimits)
		return o.Fuel, o.Kind == runtimes.OK, err
	}
	i := slices.IndexFunc(prep.sets, func(s inputSet) bool { return s.name == at.Set })
	if i < 0 || at.Input < 0 || at.Input >= len(prep.sets[i].args) {
		return 0, false, fmt.Errorf("%s has no input %d of %q", p.ID, at.Input, at.Set)
	}
	input := []python.Input{{Args: prep.sets[i].args[at.Input]}}
	o, err := j.config.Runtime.RunCases(ctx, program(p, solution, prep.expected.Sets[i].Whole), input, canonicalLimits, func(_ int, r python.Result) bool {
		fuel += r.Fuel
		return true
	})
	return fuel, o.Kind == runtimes.OK, err
}
