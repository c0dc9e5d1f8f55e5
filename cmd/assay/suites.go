package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"assay/benchmarks"
)

func (a *app) suitesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "suites",
		Short: "List, fetch and describe the suites, and add your own",
		Args:  cobra.NoArgs,
		RunE:  group,
	}
	cmd.AddCommand(a.suitesList(), a.suitesPull(), a.suitesInfo(), a.suitesAdd(), a.suitesRemove())
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
			fmt.Fprintf(a.stdout, "%s@%s: %s, sha-256 %s\n", suite.Name, suite.Version, plural(len(suite.Problems), "problem"), suite.SHA256)
		}
	}
	return nil
}

func (a *app) suitesInfo() *cobra.Command {
	return &cobra.Command{
		Use:     "info SUITE",
		Short:   "Say what a suite is and where it comes from",
		Example: "  assay suites info mbpp+",
		Args:    want("SUITE"),
		RunE: a.do(func(_ *cobra.Command, args []string) error {
			i, err := lookup(args[0])
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			for _, line := range [][2]string{
				{"suite", i.Spec()}, {"problems", fmt.Sprint(i.Problems)}, {"input sets", strings.Join(i.Sets, ", ")},
				{"licence", i.Licence}, {"origin", i.Origin}, {"address", i.URL}, {"by pip", i.Pip},
				{"file", i.File}, {"sha-256", strings.Join(i.Sums, " or ")},
			} {
				if line[1] != "" && line[1] != "0" {
					fmt.Fprintf(w, "%s\t%s\n", line[0], line[1])
				}
			}
			for _, f := range i.Files {
				fmt.Fprintf(w, "file\t%s, %d bytes, sha-256 %s\n\t%s\n", f.Name, f.Bytes, f.SHA256, f.URL)
			}
			return w.Flush()
		}),
	}
}
