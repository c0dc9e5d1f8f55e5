package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/benchmarks"
)

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
	var name string
	var force bool
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

Rows as LiveCodeBench, CodeContests and SandboxFusion have them are problems too,
below a first line or without one.`,
		Example: `  assay suites add contest.jsonl
  assay suites add code-contests.jsonl.gz --name codecontests
  assay eval contest --samples samples.jsonl --out out`,
		Args: want("FILE"),
		RunE: a.do(func(_ *cobra.Command, args []string) error {
			custom, err := benchmarks.DefaultCustomSuites()
			if err != nil {
				return err
			}
			added, err := custom.Add(args[0], name, force)
			if err != nil {
				return err
			}
			i := added.Info
			_, err = fmt.Fprintf(a.stdout, "%s: %s, %s, sha-256 %s\n", i.Spec(), plural(i.Problems, "problem"), plural(added.Tests, "test"), i.Sums[0])
			return err
		}),
	}
	cmd.Flags().StringVar(&name, "name", "", "the suite's `name` (default the one in its first line)")
	cmd.Flags().BoolVar(&force, "force", false, "replace a suite of yours of the same name")
	return cmd
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
