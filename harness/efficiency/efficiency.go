package efficiency

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/judge"
	"github.com/assay-dev/assay/harness/score"
	"github.com/assay-dev/assay/internal/atomicfile"
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
	// leastFuel is the canonical solution's on these, below which a task says
	// nothing about efficiency.
	leastFuel = 1_000_000
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
	if m.Canonical < leastFuel {
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

// FileName is the file of a Report in a results folder.
const FileName = "cost.json"

// ReportVersion is the version of the form of a Report.
const ReportVersion = 1

// Report is what the programs of a run that passed cost.
type Report struct {
	Version    int    `json:"version"`
	Inputs     int    `json:"inputs"`     // of a task, at most
	Samples    int    `json:"samples"`    // measured
	Tasks      []Task `json:"tasks"`      // measured, in order
	Light      int    `json:"light"`      // tasks on which there is too little to compute
	Without    int    `json:"without"`    // tasks with nothing to measure against
	Unmeasured int    `json:"unmeasured"` // samples that passed, and fail in an instance of their own

	Ratio      *Mean `json:"ratio,omitempty"`      // geometric, over tasks; nil where no task was measured
	Efficiency *Mean `json:"efficiency,omitempty"` // from 0 to 1, over tasks
	Within     []At  `json:"within"`               // samples by how far they are above the canonical solution
}

// Mean is a mean over tasks with its interval.
type Mean struct {
	Value    float64        `json:"value"`
	Interval score.Interval `json:"interval"`
}

// At counts the samples whose ratio is at most Ratio.
type At struct {
	Ratio   float64 `json:"ratio"`
	Samples int     `json:"samples"`
}

// bounds of Report.Within.
var bounds = []float64{0.5, 1.1, 2, 10}

func newReport(inputs int, found []measured) *Report {
	r := &Report{Version: ReportVersion, Inputs: inputs, Tasks: []Task{}, Within: []At{}}
	var logs, shares []float64
	all := make([]int, len(bounds))
	for _, m := range found {
		r.Unmeasured += len(m.unmeasured)
		switch {
		case m.without:
			r.Without++
			continue
		case m.light:
			r.Light++
			continue
		case len(m.Samples) == 0:
			continue
		}
		r.Tasks = append(r.Tasks, m.Task)
		r.Samples += len(m.Samples)
		log, share := 0.0, 0.0
		for _, s := range m.Samples {
			log += math.Log(s.Ratio)
			share += min(1, 1/s.Ratio)
			for i, b := range bounds {
				if s.Ratio <= b {
					all[i]++
				}
			}
		}
		n := float64(len(m.Samples))
		logs, shares = append(logs, log/n), append(shares, share/n)
	}
	if len(r.Tasks) == 0 {
		return r
	}
	for i, b := range bounds {
		r.Within = append(r.Within, At{b, all[i]})
	}
	value, interval := score.Mean(logs, -mostLog, mostLog, score.Options{})
	interval.Low, interval.High = score.Significant(math.Exp(interval.Low)), score.Significant(math.Exp(interval.High))
	r.Ratio = &Mean{score.Significant(math.Exp(value)), interval}
	value, interval = score.Mean(shares, 0, 1, score.Options{})
	r.Efficiency = &Mean{score.Significant(value), interval}
	return r
}

// mostLog bounds a ratio for its interval, not for its mean: a hundred times more
// fuel, or less. With few tasks the interval is wide.
var mostLog = math.Log(100)

// ReadReport reads a cost.json.
func ReadReport(path string) (*Report, error) {
	var r Report
	if err := atomicfile.ReadDocument(path, &r); err != nil {
		return nil, err
	}
	if r.Version != ReportVersion {
		return nil, fmt.Errorf("%s: version %d; this assay reads %d", path, r.Version, ReportVersion)
	}
	return &r, nil
}
