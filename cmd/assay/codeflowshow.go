package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/harness/codeflow"
)

func (a *app) showTraceCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show DIR TASK",
		Short: "Show a trace: each attempt, and what the model was told about it",
		Long: `Show the traces of a task, step by step: the program, its verdict, and what the
model was told. TASK#1 is the task's second trace.`,
		Example: "  assay codeflow show out/flow HumanEval/6",
		Args:    want("DIR", "TASK"),
		RunE: a.do(func(_ *cobra.Command, args []string) error {
			traces, err := codeflow.Find(args[0], args[1])
			if err != nil {
				return err
			}
			for i, t := range traces {
				if i > 0 {
					fmt.Fprintln(a.stdout)
				}
				if err := t.Show(a.stdout); err != nil {
					return err
				}
			}
			return nil
		}),
	}
}
