package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/runtimes"
)

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
