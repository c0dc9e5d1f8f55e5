package main

import (
	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/harness/run"
)

func (a *app) compareCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "compare A B",
		Short: "Say which tasks changed between two runs, and whether it means anything",
		Long: `Hold run B against run A over the tasks that both have a verdict on: which
tasks were gained and lost, the difference of pass@1 with its interval, and the
p of a paired test (exact McNemar for one sample a task, else a permutation of
signs).`,
		Example: "  assay compare before after",
		Args:    want("A", "B"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			before, err := a.load(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			after, err := a.load(cmd.Context(), args[1])
			if err != nil {
				return err
			}
			c := run.Compare(before, after)
			if asJSON {
				return writeJSON(a.stdout, c)
			}
			return c.Write(a.stdout)
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
