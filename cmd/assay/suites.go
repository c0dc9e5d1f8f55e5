package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/knownfailures"
	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/runtimes/python"
)

func (a *app) suitesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "suites",
		Short: "List, fetch and describe the suites, and add your own",
		Args:  cobra.NoArgs,
		RunE:  group,
	}
	cmd.AddCommand(a.suitesList(), a.suitesPull(), a.suitesInfo(), a.suitesCheck(), a.suitesAdd(), a.suitesRemove())
	return cmd
}

func (a *app) suitesList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the suites and their versions",
		Args:  cobra.NoArgs,
		RunE: a.do(func(*cobra.Command, []string) error {
			own, err := ownSuites()
			if err != nil {
				return err
			}
			all := append(benchmarks.Catalogue(), own...)
			if asJSON {
				return writeJSON(a.stdout, all)
			}
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "suite\tproblems\tinputs\tlicence\torigin")
			for _, i := range all {
				name := i.Spec()
				if i.Default {
					name += " (default)"
				}
				fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\n", name, i.Problems, strings.Join(i.Sets, " + "), i.Licence, i.Origin)
			}
			return w.Flush()
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) suitesPull() *cobra.Command {
	var quiet bool
	cmd := &cobra.Command{
		Use:   "pull SUITE...",
		Short: "Fetch data sets into the cache and verify them",
		Long: `Fetch the data sets of suites from their publishers and keep them in the cache,
each verified by its checksum. Folders named by ASSAY_DATA are looked at first.
Files of gigabytes (livecodebench) are fetched by this command alone; it goes on
where an earlier try ended.`,
		Example: "  assay suites pull humaneval humaneval+ mbpp+@v0.1.0",
		Args:    atLeast("SUITE"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			s, err := a.openSession(quiet)
			if err != nil {
				return err
			}
			return errors.Join(a.pull(cmd.Context(), s, args, quiet), s.close())
		}),
	}
	cmd.Flags().BoolVar(&quiet, "quiet", false, "print errors only")
	return cmd
}

func (a *app) pull(ctx context.Context, s *session, specs []string, quiet bool) error {
	for _, spec := range specs {
		o, err := s.suiteOptions("")
		if err != nil {
			return err
		}
		o.Large = true
		suite, err := benchmarks.Open(ctx, spec, o)
		if err != nil {
			return err
		}
		if !quiet {
			fmt.Fprintf(a.stdout, "%s@%s: %s, sha-256 %s\n", suite.Name, suite.Version, humanize.Plural(len(suite.Problems), "problem"), suite.SHA256)
		}
	}
	return nil
}

func (a *app) suitesInfo() *cobra.Command {
	var data string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "info SUITE",
		Short: "Say what a suite is and where it comes from",
		Long: `Say what a suite is and where it comes from. Of a suite whose own solutions
don't all pass here (BigCodeBench), say of each problem whether it does and, if
not, why: the data set is opened for that, and fetched if it isn't there. Tasks that
are disputed are listed with what is wrong with them, and where that is discussed.`,
		Example: "  assay suites info mbpp+\n  assay suites info bigcodebench",
		Args:    want("SUITE"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			i, err := lookup(args[0])
			if err != nil {
				return err
			}
			t, suite, err := a.canonicals(cmd.Context(), i, args[0], data)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(a.stdout, suiteInfo{i, i.Disputed(), t})
			}
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			for _, line := range [][2]string{
				{"suite", i.Spec()}, {"problems", fmt.Sprint(i.Problems)}, {"input sets", strings.Join(i.Sets, ", ")},
				{"licence", i.Licence}, {"origin", i.Origin}, {"address", i.URL}, {"by pip", i.Pip},
				{"python", i.Python}, {"file", i.File}, {"sha-256", strings.Join(i.Sums, " or ")},
			} {
				if line[1] != "" && line[1] != "0" {
					fmt.Fprintf(w, "%s\t%s\n", line[0], line[1])
				}
			}
			for _, f := range i.Files {
				fmt.Fprintf(w, "file\t%s, %d bytes, sha-256 %s\n\t%s\n", f.Name, f.Bytes, f.SHA256, f.URL)
			}
			if err := errors.Join(writeLibraries(w, i.Libraries), w.Flush(), writeDisputed(a.stdout, i.Disputed())); err != nil || t == nil {
				return err
			}
			return writeRunnable(a.stdout, t, suite)
		}),
	}
	cmd.Flags().StringVar(&data, "data", "", "the suite's data set, a `file` of your own")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// writeDisputed lists disputed tasks.
func writeDisputed(w io.Writer, all []benchmarks.Dispute) error {
	if len(all) == 0 {
		return nil
	}
	fmt.Fprintf(w, "\nDisputed are %s (--without-disputed scores without them):\n\n", humanize.Plural(len(all), "task"))
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, d := range all {
		fmt.Fprintf(out, "%s\t%s\t%s\n\t\t%s\n", d.Task, d.What, d.About, d.Thread)
	}
	return out.Flush()
}

// suiteInfo is what info prints as JSON.
type suiteInfo struct {
	benchmarks.Info
	Disputed  []benchmarks.Dispute `json:"disputed,omitempty"`
	Canonical *knownfailures.Table `json:"canonical,omitempty"` // which of its own solutions can't pass here
}

// canonicals finds what is known of a suite's own solutions; nil where there is
// nothing to say.
func (a *app) canonicals(ctx context.Context, i benchmarks.Info, spec, data string) (*knownfailures.Table, *benchmarks.Suite, error) {
	if i.Libraries == "" || len(i.Sums) == 0 && data == "" {
		return nil, nil, nil
	}
	s, err := a.openSession(false)
	if err != nil {
		return nil, nil, err
	}
	suite, err := s.openSuite(ctx, spec, data)
	if err = errors.Join(err, s.close()); err != nil {
		return nil, nil, err
	}
	t, err := knownfailures.For(suite.SHA256)
	return t, suite, err
}

// writeLibraries lists the wheels of a set with their licences.
func writeLibraries(w io.Writer, name string) error {
	for _, l := range python.Sets() {
		if l.Name != name {
			continue
		}
		title := "libraries"
		for _, wheel := range l.Wheels {
			if _, err := fmt.Fprintf(w, "%s\t%s %s\t%s\n", title, wheel.Project, wheel.Version, wheel.Licence); err != nil {
				return err
			}
			title = ""
		}
	}
	return nil
}

// lookup finds a suite, those of the user included.
func lookup(spec string) (benchmarks.Info, error) {
	added, err := ownSuites()
	if err != nil {
		return benchmarks.Info{}, err
	}
	i, err := benchmarks.Lookup(spec, added...)
	if err != nil {
		return i, usageError{err}
	}
	return i, nil
}

// ownSuites are those that the user added.
func ownSuites() ([]benchmarks.Info, error) {
	custom, err := benchmarks.DefaultCustomSuites()
	if err != nil {
		return nil, err
	}
	return custom.Suites()
}

func (a *app) suitesRemove() *cobra.Command {
	return &cobra.Command{
		Use:     "remove NAME...",
		Short:   "Remove suites that you added",
		Example: "  assay suites remove contest",
		Args:    atLeast("NAME"),
		RunE: a.do(func(_ *cobra.Command, args []string) error {
			custom, err := benchmarks.DefaultCustomSuites()
			if err != nil {
				return err
			}
			for _, name := range args {
				if err := custom.Remove(name); err != nil {
					return err
				}
			}
			return nil
		}),
	}
}

// runnable says of which problems the canonical solution passes in this runtime;
// nil where that isn't known.
func (b *bench) runnable(only bool, suite *benchmarks.Suite) (map[string]bool, error) {
	t, err := knownfailures.For(suite.SHA256)
	switch {
	case err != nil:
		return nil, err
	case t != nil && t.Runtime == b.runtimeID().Identity:
		return t.Of(suite), nil
	case t != nil:
		b.display.Notice("the table of problems that can pass here is of another runtime: make it anew (assay suites check --help)")
	}
	if only {
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
			stored, err := a.loadWhole(cmd.Context(), args[0])
			if err != nil {
				return err
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
		fmt.Fprintln(a.stdout, excerpt.Escape(d))
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
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", r.TaskID, r.Class, r.Verdict, excerpt.Escape(r.Cause))
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
