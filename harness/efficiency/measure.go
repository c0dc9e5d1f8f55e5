package efficiency

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/judge"
	"github.com/assay-dev/assay/harness/score"
	"github.com/assay-dev/assay/internal/progress"
)

// Meter measures programs; *judge.Judge is one.
type Meter interface {
	CostliestInputs(ctx context.Context, p *benchmarks.Problem, n int) ([]judge.CostlyInput, error)
	FuelAt(ctx context.Context, p *benchmarks.Problem, solution string, at judge.CostlyInput) (fuel uint64, ok bool, err error)
}

// What is measured where nothing else is asked for.
const (
	// DefaultInputs is how many inputs of a task are taken.
	DefaultInputs = 5
	// LeastFuel is the canonical solution's on these, below which a task says
	// nothing about efficiency.
	LeastFuel = 1_000_000
)

// Config of a measurement.
type Config struct {
	Suite   *benchmarks.Suite
	Records []harness.Record
	Program func(harness.Record) (string, error) // of a record
	Meter   Meter
	Inputs  int // of a task (default DefaultInputs)
	Workers int // programs at once (default 1)

	Progress progress.Func
}

// Validate says what is wrong with what flags ask for.
func (c Config) Validate() error {
	if c.Inputs < 1 || c.Workers < 0 {
		return errors.New("--inputs is 1 or more; --workers can't be negative")
	}
	return nil
}

// Task is what was measured of a task.
type Task struct {
	TaskID    string              `json:"task_id"`
	Inputs    []judge.CostlyInput `json:"inputs"`    // the heaviest first
	Canonical uint64              `json:"canonical"` // fuel of the canonical solution on them
	Samples   []Sample            `json:"samples"`
}

// Sample is a program that passed.
type Sample struct {
	Sample int     `json:"sample"`
	Fuel   uint64  `json:"fuel"`
	Ratio  float64 `json:"ratio"` // to the canonical solution's
}

// errUnmeasured marks a program that passed and does not end well here.
var errUnmeasured = errors.New("it fails in an instance of its own")

// Measure measures the samples that passed, task by task.
func Measure(ctx context.Context, c Config) (*Report, error) {
	if c.Inputs <= 0 {
		c.Inputs = DefaultInputs
	}
	problems := map[string]*benchmarks.Problem{}
	for _, p := range c.Suite.Problems {
		problems[p.ID] = p
	}
	passed := map[string][]harness.Record{}
	for _, r := range c.Records {
		if r.Verdict == harness.Pass {
			if problems[r.TaskID] == nil {
				return nil, fmt.Errorf("%s has no task %q", c.Suite.Name, r.TaskID)
			}
			passed[r.TaskID] = append(passed[r.TaskID], r)
		}
	}
	ids := make([]string, 0, len(passed))
	for id := range passed {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, harness.CompareTasks)
	found := make([]measured, len(ids))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(c.Workers, 1))
	var done atomic.Int64
	for i, id := range ids {
		g.Go(func() (err error) {
			found[i], err = c.task(ctx, problems[id], passed[id])
			if err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
			c.Progress.Stage("measuring", done.Add(1), int64(len(ids)))
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return newReport(c.Inputs, found), nil
}

// measured is what came of a task.
type measured struct {
	Task
	light, without bool  // the task says nothing; there is nothing to measure against
	unmeasured     []int // samples that passed and fail here
}

func (c *Config) task(ctx context.Context, p *benchmarks.Problem, records []harness.Record) (measured, error) {
	m := measured{Task: Task{TaskID: p.ID}}
	var err error
	m.Inputs, err = c.Meter.CostliestInputs(ctx, p, c.Inputs)
	if errors.Is(err, judge.ErrNoCost) {
		m.without = true
		return m, nil
	}
	if err != nil {
		return m, err
	}
	if m.Canonical, err = c.fuel(ctx, p, p.Canonical, m.Inputs); err != nil {
		return m, fmt.Errorf("the canonical solution: %w", err)
	}
	if m.Canonical < LeastFuel {
		m.light = true
		return m, nil
	}
	known := map[string]uint64{} // programs that are the same are measured once
	for _, r := range records {
		fuel, there := known[r.Candidate]
		if !there {
			program, err := c.Program(r)
			if err != nil {
				return m, err
			}
			fuel, err = c.fuel(ctx, p, program, m.Inputs)
			if errors.Is(err, errUnmeasured) {
				m.unmeasured = append(m.unmeasured, r.Sample)
				continue
			}
			if err != nil {
				return m, err
			}
			known[r.Candidate] = fuel
		}
		m.Samples = append(m.Samples, Sample{r.Sample, fuel, score.Significant(float64(max(fuel, 1)) / float64(m.Canonical))})
	}
	return m, nil
}

func (c *Config) fuel(ctx context.Context, p *benchmarks.Problem, program string, inputs []judge.CostlyInput) (uint64, error) {
	sum := uint64(0)
	for _, at := range inputs {
		fuel, ok, err := c.Meter.FuelAt(ctx, p, program, at)
		if err != nil {
			return 0, err
		}
		if !ok {
			return 0, fmt.Errorf("input %d of %s: %w", at.Input, at.Set, errUnmeasured)
		}
		sum += fuel
	}
	return sum, nil
}
