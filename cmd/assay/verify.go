package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/humanize"
)

type verifyFlags struct {
	data        string
	workers     int
	runtime     runtimeFlags
	json, quiet bool
}

func (a *app) verifyCommand() *cobra.Command {
	f := &verifyFlags{}
	cmd := &cobra.Command{
		Use:   "verify RESULTS",
		Short: "Judge a results folder again and compare every byte",
		Long: `Judge every sample of a results folder again, from the programs kept there and
with the options in its summary.json, taking no verdict from the cache, and
compare each record byte for byte.

Exit code: 0 when every byte is the same, else 1.`,
		Example: "  assay verify out",
		Args:    want("RESULTS"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			v, err := a.verify(cmd.Context(), args[0], f)
			if err != nil {
				return err
			}
			return a.verified(v, f)
		}),
	}
	flags := cmd.Flags()
	flags.IntVar(&f.workers, "workers", 0, "programs judged at once (default one for each core)")
	flags.StringVar(&f.data, "data", "", "the suite's data set, a `file` of your own")
	f.runtime.register(flags)
	flags.BoolVar(&f.json, "json", false, "print JSON")
	flags.BoolVar(&f.quiet, "quiet", false, "print errors only")
	return cmd
}

func (a *app) verify(ctx context.Context, path string, f *verifyFlags) (v *run.Verification, err error) {
	o, err := a.openAgain(ctx, path, f.data, f.workers, f.runtime, f.quiet)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.close()) }()
	return run.Verify(ctx, o.stored, run.VerifyConfig{
		Suite: o.suite, Judge: o.judge, Runtime: o.runtimeID(),
		Workers: o.workers, Progress: o.display.Func,
	})
}

func (a *app) verified(v *run.Verification, f *verifyFlags) error {
	if f.json {
		if err := writeJSON(a.stdout, v); err != nil {
			return err
		}
	} else if !f.quiet {
		for _, d := range v.Differences {
			fmt.Fprintf(a.stdout, "%s#%d\n  was %s\n  now %s\n", d.TaskID, d.Sample, excerpt.Escape(d.Was), excerpt.Escape(d.Now))
		}
	}
	switch {
	case len(v.Differences) > 0:
		return fmt.Errorf("%d of %d records came out otherwise", len(v.Differences), v.Samples)
	case !v.Whole:
		return errors.New("every record is the same, but results.jsonl is not the file that the run wrote: lines were moved, removed or added, or summary.json was changed")
	}
	if !f.json && !f.quiet {
		fmt.Fprintf(a.stdout, "%s judged again: every byte is the same\n", humanize.Plural(v.Samples, "sample"))
	}
	return nil
}
