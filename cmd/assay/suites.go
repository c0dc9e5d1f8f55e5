package main

import (
	"context"
	"errors"
	"fmt"
	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/knownfailures"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
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

func (a *app) suitesAdd() *cobra.Command {
	var f addFlags
	cmd := &cobra.Command{
		Use:   "add FILE",
		Short: "Add a suite of your own: programs that read and print",
		Long: `Read a suite of your own, check every test of it, and keep a copy, so that eval and
the other commands know it by its name. It is JSON lines (or .jsonl.gz), a problem
a line, for programs that read a test's input and print its output:

  {"suite": "sums", "compare": "tokens", "seconds": 2}
  {"task_id": "sums/1", "statement": "Read two numbers and print their sum.",
   "tests": [{"input": "1 2\n", "output": "3\n"}], "solution": "print(...)"}

(each on one line). The first line may be left out. It names the suite, and can
have "version", "licence", "origin" and, for all problems, what each problem can
say for itself:

  compare    how output is compared: lines (the default, as LiveCodeBench does: as
             many lines, each the same or made of equal numbers), tokens (the same
             words), exact (the same text but for space at its end)
  tolerance  with tokens: by how much a number may differ, absolutely or relative to
             the expected one; where that is an integer, not at all
  ignore_case  with tokens: YES is yes
  seconds    what a test may take, in floors of fuel (--fuel-floor; default 1)

A problem can also have "solution", a right program (budgets are then at least
--fuel-factor times what it uses), "title", "difficulty" and "date". A member of
another name is an error. assay schema suite prints the form.

Every solution is run by the tests of its problem. Where one fails, it is named with
its line and the test, and nothing is added: mend the file, or add it all the same
with --unchecked. Samples of such a problem are judged by its tests, within the floor
of fuel, and eval names it among the disputed tasks.

Rows as LiveCodeBench, CodeContests and SandboxFusion have them are problems too,
below a first line or without one.

Exit code: 0 when the suite was added, 1 on a fault of the file, such as a solution
that fails, 2 on wrong usage.`,
		Example: `  assay suites add contest.jsonl
  assay suites add code-contests.jsonl.gz --name codecontests
  assay eval contest --samples samples.jsonl --out out`,
		Args: want("FILE"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			return a.addSuite(cmd.Context(), args[0], f)
		}),
	}
	cmd.Flags().StringVar(&f.name, "name", "", "the suite's `name` (default the one in its first line)")
	cmd.Flags().BoolVar(&f.force, "force", false, "replace a suite of yours of the same name")
	cmd.Flags().BoolVar(&f.unchecked, "unchecked", false, "don't run the solutions")
	f.runtime.register(cmd.Flags())
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	cmd.Flags().BoolVar(&f.quiet, "quiet", false, "print errors only")
	return cmd
}

// addFlags are what add is asked for.
type addFlags struct {
	name                          string
	force, unchecked, json, quiet bool
	runtime                       runtimeFlags
}

// addedSuite is what add prints as JSON: the suite, or which solutions are wrong.
type addedSuite struct {
	Suite *benchmarks.Info `json:"suite,omitempty"`
	Tests int              `json:"tests,omitempty"`
	Wrong []wrongSolution  `json:"wrong,omitempty"`
}

// wrongSolution is a problem's own solution that fails the problem's own test.
type wrongSolution struct {
	TaskID string `json:"task_id"`
	Place  string `json:"place"` // file and line
	Fails  string `json:"fails"` // the test, and how it fails
}

func (a *app) addSuite(ctx context.Context, path string, f addFlags) error {
	custom, err := benchmarks.DefaultCustomSuites()
	if err != nil {
		return err
	}
	var out addedSuite
	added, err := custom.Add(ctx, path, f.name, f.force, func(all []*benchmarks.Problem) (err error) {
		if !f.unchecked {
			out.Wrong, err = a.wrongSolutions(ctx, all, f)
		}
		return err
	})
	if err == nil {
		out.Suite, out.Tests = &added.Info, added.Tests
	}
	switch i := added.Info; {
	case f.json && (err == nil || len(out.Wrong) > 0):
		return errors.Join(writeJSON(a.stdout, out), err)
	case err != nil || f.quiet:
		return err
	default:
		_, err = fmt.Fprintf(a.stdout, "%s: %s, %s, sha-256 %s\n", i.Spec(), humanize.Plural(i.Problems, "problem"), humanize.Plural(added.Tests, "test"), i.Sums[0])
		return err
	}
}

// wrongSolutions runs the solutions that a suite brings, each by its problem's tests.
// It is an error where one fails.
func (a *app) wrongSolutions(ctx context.Context, all []*benchmarks.Problem, f addFlags) (wrong []wrongSolution, err error) {
	solved := slices.DeleteFunc(slices.Clone(all), func(p *benchmarks.Problem) bool { return p.Canonical == "" || p.Oracle != benchmarks.Stdio })
	if len(solved) == 0 {
		return nil, nil
	}
	s, err := a.openSession(f.quiet || f.json)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	b, err := s.bench(ctx, nil, f.runtime, 0, run.Options{Limits: runtimes.Limits{}.WithDefaults()}, false)
	if err != nil {
		return nil, err
	}
	fails := make([]string, len(solved))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(b.workers)
	for i, p := range solved {
		group.Go(func() (err error) {
			fails[i], err = b.judge.OwnSolution(ctx, p)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i, p := range solved {
		if fails[i] != "" {
			wrong = append(wrong, wrongSolution{p.ID, p.Origin, fails[i]})
			fmt.Fprintln(a.stderr, excerpt.Escape(ownFails(p, "its solution fails "+fails[i])))
		}
	}
	if len(wrong) > 0 {
		err = fmt.Errorf("%d of %s wrong, and the suite was not added: mend the file, leave the solution out, or add it all the same with --unchecked",
			len(wrong), humanize.Plural(len(solved), "solution"))
	}
	return wrong, err
}

// ownFails says which task has a solution that fails, and where.
func ownFails(p *benchmarks.Problem, says string) string {
	return fmt.Sprintf("%s: %s: %s", p.Origin, p.ID, says)
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
