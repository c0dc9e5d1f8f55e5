package main

import (
	"time"

	"github.com/spf13/pflag"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/run"
)

// taskFlags say which tasks of a suite are meant.
type taskFlags struct {
	tasks       []string
	limit       int
	from, until date
}

// register names the flag of the patterns, which is not the same everywhere.
func (f *taskFlags) register(flags *pflag.FlagSet, patterns string) {
	flags.StringSliceVar(&f.tasks, patterns, nil, "only these tasks: ids or `globs`, also of what follows the slash (3,1?)")
	flags.Var(&f.from, "from", "only tasks that were set at this time or later, in suites that say when")
	flags.Var(&f.until, "until", "only tasks that were set at this time or earlier; a date alone is its midnight, as LiveCodeBench has it")
	flags.IntVar(&f.limit, "limit", 0, "only the first `n` of the selected tasks")
}

func (f *taskFlags) check() error {
	if f.limit < 0 {
		return usagef("--limit can't be negative")
	}
	if !f.until.IsZero() && f.until.Before(f.from.Time) {
		return usagef("--until %s is before --from %s", f.until.String(), f.from.String())
	}
	return nil
}

func (f *taskFlags) selection() run.Selection {
	return run.Selection{Tasks: f.tasks, Limit: f.limit, From: f.from.Time, Until: f.until.Time}
}

// date is a flag's.
type date struct{ time.Time }

func (d *date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Format(time.DateOnly)
}

func (d *date) Set(text string) (err error) {
	d.Time, err = benchmarks.ParseDate(text)
	return err
}

func (d *date) Type() string { return "date" }
