package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/knownfailures"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/atomicfile"
)

// runnable says of which problems the canonical solution passes in this runtime;
// nil where that isn't known.
func (b *bench) runnable(f *evalFlags, suite *benchmarks.Suite) (map[string]bool, error) {
	t, err := knownfailures.For(suite.SHA256)
	switch {
	case err != nil:
		return nil, err
	case t != nil && t.Runtime == b.runtimeID().Identity:
		return t.Of(suite), nil
	case t != nil:
		b.display.notice("the table of problems that can pass here is of another runtime: make it anew (assay suites check --help)")
	}
	if f.runnableOnly {
		return nil, fmt.Errorf("--runnable-only: it is not known which problems of %s@%s can pass in this runtime", suite.Name, suite.Version)
	}
	return nil, nil
}

func (a *app) suitesCheck() *cobra.Command {
	var write, data string
	cmd := &cobra.Command{
		Use:   "check RESULTS",
		Short: "Hold what is said of a suite's own solutions against a run of them",
		Long: `Hold the table of problems that can't pass here (assay suites info SUITE) against
the results of judging the suite's own solutions:

  assay eval bigcodebench --samples canonical --out out
  assay suites check out

With --write FILE the table is made of them anew.

Exit code: 0 when both agree, else 1.`,
		Example: "  assay suites check out --write harness/knownfailures/bigcodebench.tsv",
		Args:    want("RESULTS"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			stored, err := run.Load(args[0])
			if err != nil {
				return err
			}
			if stored.Summary == nil {
				return fmt.Errorf("%s holds no summary.json: it says what the run was", stored.Dir)
			}
			s, err := a.openSession(true)
			if err != nil {
				return err
			}
			suite, err := s.openSuite(cmd.Context(), stored.Summary.Suite.String(), data)
			if err = errors.Join(err, s.close()); err != nil {
				return err
			}
			now, err := knownfailures.Make(suite, stored.Summary.Runtime.Identity, stored.Records)
			if err != nil {
				return fmt.Errorf("%s: %w", stored.Dir, err)
			}
			if write != "" {
				return atomicfile.Write(write, now.Encode())
			}
			return a.checked(now)
		}),
	}
	cmd.Flags().StringVar(&write, "write", "", "`file` for the table, made anew")
	cmd.Flags().StringVar(&data, "data", "", "the suite's data set, a `file` of your own")
	return cmd
}

func (a *app) checked(now *knownfailures.Table) error {
	was, err := knownfailures.For(now.Data)
	switch {
	case err != nil:
		return err
	case was == nil:
		return fmt.Errorf("there is no table for %s", now.Suite)
	case was.Runtime != now.Runtime:
		return errors.New("the table is of another runtime: make it anew with --write")
	}
	differences := was.Differences(now)
	for _, d := range differences {
		fmt.Fprintln(a.stdout, run.Escape(d))
	}
	if len(differences) > 0 {
		return fmt.Errorf("%d of %d problems came out otherwise", len(differences), now.Passes+len(now.Rows))
	}
	_, err = fmt.Fprintf(a.stdout, "%s: %d of %d pass, each other one fails as the table says\n", now.Suite, now.Passes, now.Passes+len(now.Rows))
	return err
}

// writeRunnable prints of each problem whether its own solution can pass here.
func writeRunnable(w io.Writer, t *knownfailures.Table, suite *benchmarks.Suite) error {
	passes := t.Of(suite)
	byClass := map[knownfailures.Class][]knownfailures.Row{}
	for _, r := range t.Rows {
		if _, there := passes[r.TaskID]; there {
			byClass[r.Class] = append(byClass[r.Class], r)
		}
	}
	var pass []string
	for _, p := range suite.Problems {
		if passes[p.ID] {
			pass = append(pass, p.ID)
		}
	}
	fmt.Fprintf(w, "\nOf its own solutions %d of %d pass here. Why the others don't:\n\n", len(pass), len(suite.Problems))
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range knownfailures.Classes {
		if n := len(byClass[c.Class]); n > 0 {
			fmt.Fprintf(out, "%s\t%d\t%s\n", c.Class, n, c.About)
		}
	}
	fmt.Fprintln(out)
	for _, c := range knownfailures.Classes {
		for _, r := range byClass[c.Class] {
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", r.TaskID, r.Class, r.Verdict, run.Escape(r.Cause))
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\npass: %s\n", ranges(pass))
	return err
}

// ranges writes ids of one prefix with runs of numbers together: "X/0-3, 5".
func ranges(ids []string) string {
	var b strings.Builder
	first, last := -2, -2
	end := func() {
		if last > first {
			fmt.Fprintf(&b, "-%d", last)
		}
	}
	for _, id := range ids {
		n, err := strconv.Atoi(id[strings.LastIndexByte(id, '/')+1:])
		if err == nil && n == last+1 {
			last = n
			continue
		}
		end()
		if b.Len() > 0 {
			b.WriteString(", ")
			id = id[strings.LastIndexByte(id, '/')+1:]
		}
		b.WriteString(id)
		if first, last = n, n; err != nil {
			first, last = -2, -2
		}
	}
	end()
	return b.String()
}
