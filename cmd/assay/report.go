package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/harness/report"
	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/humanize"
)

func (a *app) reportCommand() *cobra.Command {
	var out, format string
	var o report.Options
	var force bool
	cmd := &cobra.Command{
		Use:   "report DIR…",
		Short: "Show what runs came to, as a page, as Markdown or as CSV",
		Long: `Write a report on folders, each recognised for what it is: a results folder of
eval, a folder of codeflow, a run directory of train. Several eval runs stand side
by side, each held against the first, with the tasks that flipped.

  html  one page that needs no network and nothing beside it, light and dark:
        scores with intervals, verdicts, why samples failed, fuel, a table that
        sorts and filters, and a page for each sample (program, failing input,
        expected and actual, traceback) or trace. In a page ← and → go to the
        neighbours, Esc goes back.
  md    for a pull request: scores, verdicts, flips, failing tasks to unfold
  csv   a row for each sample (or attempt of codeflow, or step of training), for
        folders of one kind

The format is that of the name that -o gives, or --format. A file that is there
is written over when it is a report; anything else needs --force. The same folders
give the same bytes.`,
		Example: `  assay report out/my-model -o report.html
  assay report out/before out/after -o report.html --title "Before and after"
  assay report out/before out/after --format md -o - | gh pr comment --body-file -
  assay report out/flow trained -o training.html
  assay report out/my-model -o samples.csv`,
		Args: atLeast("DIR"),
		RunE: func(cmd *cobra.Command, dirs []string) error {
			f, err := formatOf(out, format)
			if err != nil {
				return err
			}
			return a.do(func(cmd *cobra.Command, _ []string) error {
				return a.writeReport(cmd.Context(), dirs, out, f, o, force)
			})(cmd, dirs)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&out, "out", "o", "", "the file to write: .html, .md or .csv; - is stdout")
	f.StringVar(&format, "format", "", "html, md or csv (default: what -o ends with)")
	f.StringVar(&o.Title, "title", "", "title of the report (default: the folders' names)")
	f.BoolVar(&o.WithoutDisputed, "without-disputed", false, "score eval runs without the tasks that are disputed too, beside the usual scores")
	f.BoolVar(&force, "force", false, "write over a file that is no report")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"html", "md", "csv"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// formatOf is the format that is asked for, by name or by the file's ending.
func formatOf(out, format string) (report.Format, error) {
	if out == "" {
		return "", usagef("-o is missing: name a file that ends with .html, .md or .csv, or - for stdout with --format")
	}
	asked := format
	if asked == "" {
		asked = strings.TrimPrefix(strings.ToLower(filepath.Ext(out)), ".")
	}
	f := report.Format(asked)
	switch {
	case slices.Contains(report.Formats, f):
		return f, nil
	case format != "":
		return "", usagef("no format is called %q: there are html, md and csv", format)
	}
	return "", usagef("-o %s says no format: let it end with .html, .md or .csv, or pass --format", out)
}

func (a *app) writeReport(ctx context.Context, dirs []string, out string, f report.Format, o report.Options, force bool) error {
	if out != "-" && !force {
		if err := report.Replaceable(out, f); err != nil {
			return err
		}
	}
	r, err := report.Open(ctx, dirs, o)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := r.Write(&b, f); err != nil {
		return err
	}
	if out == "-" {
		_, err := a.stdout.Write(b.Bytes())
		return err
	}
	if err := atomicfile.Write(out, b.Bytes()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "%s: %s\n", out, humanize.Bytes(int64(b.Len())))
	return err
}
