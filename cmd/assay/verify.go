package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

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
with the options in its summary.json. No verdict is taken from the cache. Then
make every file that the run left anew, and compare it byte for byte: records,
scores, the files in the forms of other harnesses, and what --resume would take
from the log. Files that no run of eval leaves are named, and nothing is said of
them.

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
	runnable, err := o.runnable(false, o.suite)
	if err != nil {
		return nil, err
	}
	return run.Verify(ctx, o.stored, run.VerifyConfig{
		Suite: o.suite, Judge: o.judge, Runtime: o.runtimeID(), Version: version, Runnable: runnable,
		Workers: o.workers, Progress: o.display.Func,
	})
}

func (a *app) verified(v *run.Verification, f *verifyFlags) error {
	if f.json {
		if err := writeJSON(a.stdout, v); err != nil {
			return err
		}
	} else if !f.quiet {
		printVerification(a.stdout, v)
	}
	switch {
	case len(v.Differences) > 0:
		return fmt.Errorf("%d of %d records came out otherwise", len(v.Differences), v.Samples)
	case !v.Whole:
		var names []string
		for _, c := range v.Files {
			if !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
		return fmt.Errorf("every record is the same, but not every file is what the run wrote: %s", strings.Join(names, ", "))
	}
	if !f.json && !f.quiet {
		fmt.Fprintf(a.stdout, "%s judged again: every byte is the same\n", humanize.Plural(v.Samples, "sample"))
	}
	return nil
}

func printVerification(w io.Writer, v *run.Verification) {
	was := func(name, was, now string) {
		fmt.Fprintf(w, "%s\n  was %s\n  now %s\n", name, excerpt.Escape(was), excerpt.Escape(now))
	}
	for _, d := range v.Differences {
		was(fmt.Sprintf("%s#%d", d.TaskID, d.Sample), d.Was, d.Now)
	}
	for _, c := range v.Files {
		if c.Line > 0 {
			was(fmt.Sprintf("%s:%d", c.Name, c.Line), c.Was, c.Now)
		} else {
			fmt.Fprintf(w, "%s: %s\n", c.Name, excerpt.Escape(c.Why))
		}
	}
	if v.Note != "" {
		fmt.Fprintf(w, "note: %s\n", excerpt.Escape(v.Note))
	}
	if len(v.Unchecked) > 0 {
		fmt.Fprintf(w, "not looked at, because no run leaves them: %s\n", excerpt.Escape(strings.Join(v.Unchecked, ", ")))
	}
}
