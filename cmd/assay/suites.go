package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/knownfailures"
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
			fmt.Fprintf(a.stdout, "%s@%s: %s, sha-256 %s\n", suite.Name, suite.Version, plural(len(suite.Problems), "problem"), suite.SHA256)
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
not, why: the data set is opened for that, and fetched if it isn't there.`,
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
				return writeJSON(a.stdout, suiteInfo{i, t})
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
			if err := errors.Join(writeLibraries(w, i.Libraries), w.Flush()); err != nil || t == nil {
				return err
			}
			return writeRunnable(a.stdout, t, suite)
		}),
	}
	cmd.Flags().StringVar(&data, "data", "", "the suite's data set, a `file` of your own")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// suiteInfo is what info prints as JSON.
type suiteInfo struct {
	benchmarks.Info
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
