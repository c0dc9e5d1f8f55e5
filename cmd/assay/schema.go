package main

import (
	"github.com/spf13/cobra"

	"assay/harness/run"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:       "schema results|summary",
		Short:     "Print the JSON Schema of a result file",
		Long:      "Print the JSON Schema (draft 2020-12) of one line of results.jsonl, or of summary.json.",
		Example:   "  assay schema results > results.schema.json",
		Args:      cobra.MatchAll(want("results or summary"), cobra.OnlyValidArgs),
		ValidArgs: run.Schemas,
		RunE: a.do(func(_ *cobra.Command, args []string) error {
			data, err := run.Schema(args[0])
			if err != nil {
				return err
			}
			_, err = a.stdout.Write(data)
			return err
		}),
	}
}
