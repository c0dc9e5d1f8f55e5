package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/benchmarks/peers"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/internal/progress"
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
	Compat     string          `json:"compat"`           // evalplus version whose rules are followed
	Libs       string          `json:"libs,omitempty"`   // as-is: Python's libraries without the suite's compatibility
	Python     string          `json:"python,omitempty"` // the version whose rules Python programs are held to, or native; "" in old results: native
	BaseOnly   bool            `json:"base_only"`        // leave the plus inputs out
	FuelFactor float64         `json:"fuel_factor"`      // budget as a multiple of the canonical solution's fuel
	FuelFloor  uint64          `json:"fuel_floor"`       // least budget of one input
	Limits     runtimes.Limits `json:"limits"`
}

// Validate says what is wrong with what flags ask for.
func (o Options) Validate() error {
	compat, err := benchmarks.ParseCompat(o.Compat)
	switch {
	case err != nil:
		return err
	case compat.Libs() != "":
		return fmt.Errorf("--compat %s: which libraries programs have is said by --libs %[1]s", o.Compat)
	case !(o.FuelFactor >= 1):
		return fmt.Errorf("--fuel-factor %v: a factor below 1 fails the canonical solutions themselves", o.FuelFactor)
	case o.Limits.MemoryBytes < 64<<20 || o.Limits.MemoryBytes > 4<<30:
		return fmt.Errorf("--memory %s: from 64MiB, which Python itself needs, to 4GiB", humanize.Bytes(int64(o.Limits.MemoryBytes)))
	case o.Libs != "":
		_, err = benchmarks.ParseLibs(o.Libs)
	}
	if err == nil {
		_, err = o.HeldTo()
	}
	return err
}

// Libraries names the set of libraries that programs get.
func (o Options) Libraries(s *benchmarks.Suite) string {
	return s.LibrariesAs(cmp.Or(benchmarks.Libs(o.Libs), benchmarks.Compat(o.Compat).Libs()))
}

// PythonName is what people call the Python whose rules programs are held to.
func (o Options) PythonName() string { return cmp.Or(o.Python, runtimes.PythonNative) }

// HeldTo is the same, as a judge takes it.
func (o Options) HeldTo() (string, error) { return runtimes.ParsePython(o.PythonName()) }

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

	Workers int // programs judged at once (default one for each core); see Workers
	Asked

	// Runnable says of which tasks the canonical solution passes here; nil where
	// that isn't known. RunnableOnly has the score that counts cover these alone.
	Runnable     map[string]bool
	RunnableOnly bool

	Progress progress.Func
}

// Asked is what the files of a run say beside its verdicts. It is written to the
// summary, so that verify can make the files again.
type Asked struct {
	// WithoutDisputed has a score of the tasks that nobody disputes beside the usual ones.
	WithoutDisputed bool                `json:"without_disputed,omitempty"`
	Extract         string              `json:"extract,omitempty"`      // the rule that took the programs out of a model's answers; "": not known
	K               []int               `json:"k,omitempty"`            // the k of pass@k (default score.DefaultKs), as far as there are samples
	BigCodeBench    *peers.BigCodeBench `json:"bigcodebench,omitempty"` // has its files written too; may be nil
	Source          *peers.Source       `json:"source,omitempty"`       // the harness whose samples these are, which has its results written too; may be nil
}

// Validate says what is wrong with what flags ask for.
func (c Config) Validate() error {
	switch {
	case c.Dir == "":
		return errors.New("--out is missing: the folder for the results")
	case c.Workers < 0:
		return errors.New("--workers can't be negative")
	}
	for _, k := range c.K {
		if k < 1 {
			return fmt.Errorf("--k %d: k is 1 or more", k)
		}
	}
	return c.Options.Validate()
}

// RuntimeID is the identity of a language runtime.
type RuntimeID struct {
	Name     string `json:"name"`
	Identity string `json:"identity"`
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
