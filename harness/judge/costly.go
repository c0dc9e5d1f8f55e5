package judge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/runtimes"
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

// measured is an oracle whose canonical solutions are measured input by input.
type measured interface {
	inputs(got *prepared) []CostlyInput
	// jobAt is the job of a program on one input alone.
	jobAt(p *benchmarks.Problem, got *prepared, source string, at CostlyInput) (*runtimes.Job, error)
}

func measuredOf(p *benchmarks.Problem) (measured, error) {
	o, err := oracleOf(p)
	if err != nil {
		return nil, err
	}
	m, ok := o.(measured)
	if !ok || p.Canonical == "" {
		return nil, ErrNoCost
	}
	return m, nil
}

// CostliestInputs are the n inputs on which the canonical solution uses the most
// fuel, the costliest first.
func (j *Judge) CostliestInputs(ctx context.Context, p *benchmarks.Problem, n int) ([]CostlyInput, error) {
	m, err := measuredOf(p)
	if err != nil {
		return nil, err
	}
	got, err := j.prepare(ctx, p)
	if err != nil {
		return nil, err
	}
	all := m.inputs(got)
	slices.SortStableFunc(all, func(a, b CostlyInput) int { return cmp.Compare(b.Fuel, a.Fuel) })
	return all[:min(n, len(all))], nil
}

// FuelAt is what a program uses on an input, in a fresh instance: so nothing is
// remembered from another one. Loading the program doesn't count, unless reading
// and printing is all that it does (stdio). ok is false for a program that fails
// there under the canonical solution's own limits.
func (j *Judge) FuelAt(ctx context.Context, p *benchmarks.Problem, solution string, at CostlyInput) (fuel uint64, ok bool, err error) {
	m, err := measuredOf(p)
	if err != nil {
		return 0, false, err
	}
	got, err := j.prepare(ctx, p)
	if err != nil {
		return 0, false, err
	}
	job, err := m.jobAt(p, got, solution, at)
	if err != nil {
		return 0, false, err
	}
	o, err := j.config.Runner.Run(ctx, job, func(r runtimes.Result) bool {
		fuel += r.Fuel
		return true
	})
	if job.Mode == runtimes.ModeMain {
		fuel = o.Fuel
	}
	return fuel, o.Kind == runtimes.OK, err
}

func (cases) inputs(got *prepared) (all []CostlyInput) {
	for i, set := range got.sets {
		for k, w := range got.expected.Sets[i].Wants {
			all = append(all, CostlyInput{set.name, k, w.Fuel})
		}
	}
	return all
}

func (cases) jobAt(p *benchmarks.Problem, got *prepared, source string, at CostlyInput) (*runtimes.Job, error) {
	i := slices.IndexFunc(got.sets, func(s inputSet) bool { return s.name == at.Set })
	if i < 0 || at.Input < 0 || at.Input >= len(got.sets[i].args) {
		return nil, noInput(p, at)
	}
	job := newJob(p, runtimes.ModeCases, source, got.expected.Sets[i].Whole, canonicalLimits)
	job.Inputs = []runtimes.Input{{Args: got.sets[i].args[at.Input]}}
	return job, nil
}

func (stdio) inputs(got *prepared) (all []CostlyInput) {
	for k, w := range got.expected.Sets[0].Wants {
		all = append(all, CostlyInput{stdioSet, k, w.Fuel})
	}
	return all
}

func (stdio) jobAt(p *benchmarks.Problem, got *prepared, source string, at CostlyInput) (*runtimes.Job, error) {
	if at.Input < 0 || at.Input >= len(got.tests) {
		return nil, noInput(p, at)
	}
	return stdioJob(p, source, got.tests[at.Input], canonicalLimits), nil
}

func noInput(p *benchmarks.Problem, at CostlyInput) error {
	return fmt.Errorf("%s has no input %d of %q", p.ID, at.Input, at.Set)
}
