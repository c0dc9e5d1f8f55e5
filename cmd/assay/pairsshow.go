package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/harness/pairs"
	"github.com/assay-dev/assay/harness/run"
)

func (a *app) showPairCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show PAIRS.jsonl [N]",
		Short: "Show a pair as a diff",
		Long: `Show the N-th pair of a file, the first without N: its prompt, and both answers
as one text. Lines of D⁻ have a -, those of D⁺ a +, as the pair's spans say.`,
		Example: "  assay pairs show data/pairs.jsonl 3",
		Args:    cobra.MatchAll(atLeast("PAIRS.jsonl"), cobra.MaximumNArgs(2)),
		RunE: a.do(func(_ *cobra.Command, args []string) error {
			n, err := strconv.Atoi(strings.Join(args[1:], ""))
			if len(args) == 1 {
				n, err = 1, nil
			}
			if err != nil || n < 1 {
				return usagef("%q is no number of a pair: they are counted from 1", args[1])
			}
			row, err := pairs.Find(args[0], n)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(a.stdout, row)
			}
			return a.showPair(row)
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the row as JSON, its answers as text")
	return cmd
}

func (a *app) showPair(r pairs.Row) error {
	changes, err := r.Changes()
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  rejected: iteration %d, %s  chosen: iteration %d\n\n", run.Escape(r.ID),
		r.RejectedIteration, cmp.Or(run.Escape(string(r.RejectedVerdict)), "no verdict"), r.ChosenIteration)
	fmt.Fprintf(&b, "%s\n\n", run.Escape(strings.TrimRight(r.Prompt, "\n")))
	p := painter(a.stdout)
	for _, c := range changes {
		line := string(c.Sign) + " " + run.Escape(strings.TrimSuffix(c.Text, "\n"))
		switch c.Sign {
		case '-':
			line = p.red(line)
		case '+':
			line = p.green(line)
		}
		b.WriteString(line + "\n")
	}
	_, err = a.stdout.Write([]byte(b.String()))
	return err
}
