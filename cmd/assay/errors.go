package main

import (
	"fmt"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/failures"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/spf13/cobra"
	"io"
	"strings"
	"text/tabwriter"
)

// shownTasks is how many tasks stand behind a number unless all are asked for.
const shownTasks = 3

func (a *app) errorsCommand() *cobra.Command {
	var asJSON bool
	shown := tasksShown(shownTasks)
	all := false
	cmd := &cobra.Command{
		Use:   "errors RESULTS [AFTER]",
		Short: "Say why samples failed, and what changed between two runs",
		Long: `Group the samples that failed by what went wrong first: the verdict, the type of
the exception or what a wrong answer is, and where an exception was raised. Each
number has its tasks behind it.

With a second results folder, say which causes became rarer or more frequent,
over the samples that both runs have a verdict on, and what became of the samples
whose cause changed: the error types before and after training.

Types are read off what the records show of a value; where that doesn't tell, a
wrong answer counts as another value.`,
		Example: `  assay errors out
  assay errors out --all
  assay errors before after
  assay errors before after --json | jq '.moves[] | select(.to.verdict == "")'`,
		Args: cobra.MatchAll(cobra.RangeArgs(1, 2)),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			if all {
				shown = 1 << 30
			}
			var runs []*run.Stored
			for _, dir := range args {
				r, err := a.load(cmd.Context(), dir)
				if err != nil {
					return err
				}
				runs = append(runs, r)
			}
			if len(runs) == 2 {
				return a.reportChanges(runs[0], runs[1], shown, asJSON)
			}
			return a.reportErrors(runs[0], shown, asJSON)
		}),
	}
	cmd.Flags().BoolVar(&all, "all", false, "name all tasks behind a number, not the first few")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) reportErrors(r *run.Stored, shown tasksShown, asJSON bool) error {
	c := failures.Analyse(r.Records)
	if asJSON {
		return writeJSON(a.stdout, c)
	}
	var b strings.Builder
	failed := c.Samples - c.Passed
	fmt.Fprintf(&b, "%s: %d passed, %d failed\n", humanize.Plural(c.Samples, "sample"), c.Passed, failed)
	if c.Infra > 0 {
		fmt.Fprintf(&b, "%s without a verdict, by faults of ours\n", humanize.Plural(c.Infra, "sample"))
	}
	if failed == 0 {
		_, err := io.WriteString(a.stdout, b.String())
		return err
	}
	b.WriteByte('\n')
	w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "verdict\tcause\twhere\tsamples\tof those that failed\ttasks")
	for _, n := range c.Causes {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%.1f %%\t%s\n", n.Verdict, escapedOrDash(n.Kind), escapedOrDash(n.Where), n.Samples, percent(n.Samples, failed), shown.of(n.Tasks))
	}
	fmt.Fprintln(w, "\nfailed first\t\t\tsamples\tof those that failed\ttasks")
	for _, n := range c.First {
		fmt.Fprintf(w, "%s\t%s\t\t%d\t%.1f %%\t%s\n", orDash(n.Set), n.At, n.Samples, percent(n.Samples, failed), shown.of(n.Tasks))
	}
	_ = w.Flush() // to memory
	if tasks := narrowTasks(r); len(tasks) > 0 {
		fmt.Fprintf(&b, "\n32-bit: %s that failed may have met the guest's 32 bits: %s\n", humanize.Plural(len(tasks), "sample"), shown.of(tasks))
	}
	_, err := io.WriteString(a.stdout, trimLines(b.String()))
	return err
}

// narrowTasks are the tasks of the records with a note about 32 bits, one for each.
func narrowTasks(r *run.Stored) []string {
	var tasks []string
	for _, record := range r.Records {
		source, _ := r.Candidate(record) // without it the exception still tells
		if len(run.NarrowNotes(record, source)) > 0 {
			tasks = append(tasks, record.TaskID)
		}
	}
	return tasks
}

func (a *app) reportChanges(before, after *run.Stored, shown tasksShown, asJSON bool) error {
	c := failures.Compare(before.Records, after.Records)
	if asJSON {
		return writeJSON(a.stdout, c)
	}
	var b strings.Builder
	for _, note := range run.Notes(before, after) {
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	fmt.Fprintf(&b, "%s in both runs: %d passed before, %d after\n", humanize.Plural(c.Samples, "sample"), c.Passed[0], c.Passed[1])
	if len(c.Causes) > 0 {
		b.WriteByte('\n')
		w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
		fmt.Fprintln(w, "verdict\tcause\twhere\tbefore\tafter\tchange\tgone from\tnew in")
		for _, n := range c.Causes {
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%+d\t%s\t%s\n", n.Verdict, escapedOrDash(n.Kind), escapedOrDash(n.Where), n.Before, n.After, n.After-n.Before, shown.of(n.Gone), shown.of(n.New))
		}
		_ = w.Flush() // to memory
	}
	if len(c.Moves) > 0 {
		b.WriteString("\nwhat became of samples:\n")
		w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
		for _, m := range c.Moves {
			fmt.Fprintf(w, "  %s\t→ %s\t%d\t%s\n", causeText(m.From), causeText(m.To), m.Samples, shown.of(m.Tasks))
		}
		_ = w.Flush() // to memory
	}
	_, err := io.WriteString(a.stdout, trimLines(b.String()))
	return err
}

// tasksShown is how many tasks a list names.
type tasksShown int

func (n tasksShown) of(tasks []string) string {
	if len(tasks) == 0 {
		return "–"
	}
	rest := ""
	if more := len(tasks) - int(n); more > 0 {
		tasks, rest = tasks[:n], fmt.Sprintf(" and %d more", more)
	}
	names := make([]string, len(tasks))
	for i, task := range tasks {
		names[i] = excerpt.Escape(task)
	}
	return strings.Join(names, ", ") + rest
}

// causeText is a cause in a line.
func causeText(c failures.Cause) string {
	if c == (failures.Cause{}) {
		return string(harness.Pass)
	}
	text := string(c.Verdict)
	for _, part := range []string{c.Kind, c.Where} {
		if part != "" {
			text += ", " + inCell.Replace(excerpt.Escape(part))
		}
	}
	return text
}
