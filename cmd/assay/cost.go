package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/harness/efficiency"
	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/humanize"
)

// dearest is how many samples are listed.
const dearest = 10

type costFlags struct {
	inputs      int
	data        string
	workers     int
	runtime     runtimeFlags
	json, quiet bool
}

func (a *app) costCommand() *cobra.Command {
	f := &costFlags{}
	cmd := &cobra.Command{
		Use:   "cost RESULTS",
		Short: "Say how much fuel the programs that passed use, relative to the canonical solutions",
		Long: `Measure how efficient the programs of a results folder are that passed. Fuel
counts what a program executes, so the figures are the same on every machine and
under any load.

For each task the --inputs are taken on which the canonical solution uses the most
fuel; each program runs on each of them in an instance of its own. A sample's
ratio is its fuel over the canonical solution's, loading aside.

  ratio       geometric mean over tasks: 2 means twice the canonical fuel
  efficiency  mean over tasks of min(1, 1/ratio): 1 means as good as the canonical
              solution or better

Both are over samples that passed, so they are no replacement for pass@k. Tasks
whose canonical solution uses less than a million fuel on these inputs are left
out: there the calls cost more than what is computed. The canonical solution is
one right program, not the best one. Suites judged by test code (humaneval, mbpp,
bigcodebench) have no inputs to measure on, one by one.

It writes RESULTS/cost.json, with the fuel of each sample.

Exit code: 0 when all is measured, 1 on a fault, 2 on wrong usage, 130 when
interrupted.`,
		Example: `  assay cost out
  assay cost out --inputs 1 --json`,
		Args: want("RESULTS"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			r, err := a.cost(cmd.Context(), args[0], f)
			if err != nil {
				return err
			}
			return a.reportCost(filepath.Join(args[0], efficiency.FileName), r, f)
		}),
	}
	flags := cmd.Flags()
	flags.IntVar(&f.inputs, "inputs", efficiency.DefaultInputs, "inputs of each task, the heaviest ones")
	flags.IntVar(&f.workers, "workers", 0, "programs measured at once (default one for each core)")
	flags.StringVar(&f.data, "data", "", "the suite's data set, a `file` of your own")
	f.runtime.register(flags)
	flags.BoolVar(&f.json, "json", false, "print JSON")
	flags.BoolVar(&f.quiet, "quiet", false, "print errors only")
	return cmd
}

func (a *app) cost(ctx context.Context, dir string, f *costFlags) (r *efficiency.Report, err error) {
	c := efficiency.Config{Inputs: f.inputs, Workers: f.workers}
	if err := validate(c); err != nil {
		return nil, err
	}
	again, err := a.openAgain(ctx, dir, f.data, f.workers, f.runtime, f.quiet)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, again.close()) }()
	c.Suite, c.Records, c.Program = again.suite, again.stored.Records, again.stored.Candidate
	c.Meter, c.Workers, c.Progress = again.judge, again.workers, again.display.Func
	r, err = efficiency.Measure(ctx, c)
	if err != nil {
		if ctx.Err() != nil {
			return nil, errors.New("interrupted: nothing is written; the same command begins anew")
		}
		return nil, err
	}
	return r, atomicfile.WriteDocument(filepath.Join(again.stored.Dir, efficiency.FileName), r)
}

func (a *app) reportCost(path string, r *efficiency.Report, f *costFlags) error {
	if f.json {
		return writeJSON(a.stdout, r)
	}
	if f.quiet {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s that passed, on up to %s each\n", humanize.Plural(r.Samples, "sample"), humanize.Plural(len(r.Tasks), "task"), humanize.Plural(r.Inputs, "input"))
	for _, left := range []struct {
		n    int
		noun string
		why  string
	}{
		{r.Light, "task", "left out: the canonical solution computes too little there"},
		{r.Without, "task", "left out: there is no canonical solution to measure against, input by input"},
		{r.Unmeasured, "sample", "left out: it passed, and fails in an instance of its own"},
	} {
		if left.n > 0 {
			fmt.Fprintf(&b, "%s %s\n", humanize.Plural(left.n, left.noun), left.why)
		}
	}
	if r.Ratio != nil {
		b.WriteByte('\n')
		meansTable(&b, r)
		b.WriteByte('\n')
		dearestTable(&b, r)
	}
	fmt.Fprintf(&b, "\nIn %s\n", path)
	_, err := io.WriteString(a.stdout, trimLines(b.String()))
	return err
}

func meansTable(b *strings.Builder, r *efficiency.Report) {
	w := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	for _, m := range []struct {
		name string
		mean *efficiency.Mean
	}{{"ratio", r.Ratio}, {"efficiency", r.Efficiency}} {
		iv := m.mean.Interval
		fmt.Fprintf(w, "%s\t%.3f\t%.0f %% interval %.3f to %.3f\n", m.name, m.mean.Value, 100*iv.Confidence, iv.Low, iv.High)
	}
	for _, at := range r.Within {
		fmt.Fprintf(w, "at most %g × canonical\t%d of %d\n", at.Ratio, at.Samples, r.Samples)
	}
	_ = w.Flush() // to memory
}

// dearestTable lists the samples that use the most, for their task.
func dearestTable(b *strings.Builder, r *efficiency.Report) {
	type row struct {
		task *efficiency.Task
		efficiency.Sample
	}
	var rows []row
	for i := range r.Tasks {
		for _, s := range r.Tasks[i].Samples {
			rows = append(rows, row{&r.Tasks[i], s})
		}
	}
	slices.SortStableFunc(rows, func(x, y row) int { return cmp.Compare(y.Ratio, x.Ratio) })
	w := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "dearest\tratio\tfuel\tcanonical\theaviest input")
	for _, s := range rows[:min(dearest, len(rows))] {
		at := s.task.Inputs[0]
		fmt.Fprintf(w, "%s#%d\t%.2f\t%s\t%s\t%s %d\n", excerpt.Escape(s.task.TaskID), s.Sample.Sample, s.Ratio, humanize.Grouped(s.Fuel), humanize.Grouped(s.task.Canonical), at.Set, at.Input)
	}
	_ = w.Flush() // to memory
}
