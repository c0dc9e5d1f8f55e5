package run

import (
	"context"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/benchmarks/peers"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

// Judge gives verdicts. It is used by several workers at once.
type Judge interface {
	// Prepare makes a problem ready to be judged (its expected values). An
	// error is a fault of ours or of the suite, never of a candidate.
	Prepare(ctx context.Context, p *benchmarks.Problem) error
	// Cost estimates the work of one sample, in fuel; exact once prepared.
	Cost(p *benchmarks.Problem) uint64
	// Judge judges one sample. An error is a fault of ours.
	Judge(ctx context.Context, p *benchmarks.Problem, s benchmarks.Sample) (harness.Record, error)
	// Identity is the hash over everything that a verdict depends on.
	Identity(p *benchmarks.Problem, solution string) string
}

// Mode says what to do with a results folder that holds a run already.
type Mode int

const (
	Fresh  Mode = iota // refuse it
	Resume             // go on with it, if it is the same run
	Force              // start over
)

// Options are what the verdicts of a run depend on besides the suite and the
// samples. They are written to the summary, so that verify can run again.
type Options struct {
	Compat     string          `json:"compat"`      // evalplus version whose rules are followed
	BaseOnly   bool            `json:"base_only"`   // leave the plus inputs out
	FuelFactor float64         `json:"fuel_factor"` // budget as a multiple of the canonical solution's fuel
	FuelFloor  uint64          `json:"fuel_floor"`  // least budget of one input
	Limits     runtimes.Limits `json:"limits"`
}

// Config describes one run.
type Config struct {
	Dir     string // the results folder; made when absent
	Mode    Mode
	Plan    *Plan
	Judge   Judge
	Options Options

	// Runtime names what runs the candidates, with the hash that identifies it.
	Runtime RuntimeID
	// Version is assay's own, for the summary.
	Version string

	Workers int   // programs judged at once (default one for each core); see Workers
	K       []int // the k of pass@k (default score.DefaultKs), as far as there are samples

	// Runnable says of which tasks the canonical solution passes here; nil where
	// that isn't known. RunnableOnly has the score that counts cover these alone.
	Runnable     map[string]bool
	RunnableOnly bool

	BigCodeBench *peers.BigCodeBench // has its files written too; may be nil
	Source       *peers.Source       // the harness whose samples these are, which has its results written too; may be nil

	Progress func(Status) // told after each change, one call at a time; may be nil
	Notice   func(string) // told what a user should know; may be nil
}

// RuntimeID is the identity of a language runtime.
type RuntimeID struct {
	Name     string `json:"name"`
	Identity string `json:"identity"`
}

// Status is where a run stands.
type Status struct {
	Tasks, Prepared int // tasks, and those whose expected values are there
	Total, Done     int // samples, and those judged, resumed ones included
	Resumed         int // of Done, how many came from the log
	Work            float64
	Verdicts        map[harness.Verdict]int // a copy
}

// Interrupted says that the run was cancelled. What was judged is in the log.
type Interrupted struct {
	Dir         string
	Done, Total int
	Cause       error
}

func (e *Interrupted) Error() string {
	return "interrupted: " + count(e.Done, e.Total) + " are kept in " + e.Dir
}

func (e *Interrupted) Unwrap() error { return e.Cause }

func (c Config) notice(s string) {
	if c.Notice != nil {
		c.Notice(s)
	}
}
