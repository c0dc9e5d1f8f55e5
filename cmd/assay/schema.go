package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/harness/run"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema results|summary|traces|stats|suite",
		Short: "Print the JSON Schema of a file",
		Long: `Print the JSON Schema (draft 2020-12) of one line of results.jsonl or of
traces.jsonl, of summary.json or of stats.json, or of one line of a suite of
your own.`,
		Example:   "  assay schema results > results.schema.json",
		Args:      cobra.MatchAll(want("results, summary, traces, stats or suite"), cobra.OnlyValidArgs),
		ValidArgs: slices.Concat(run.Schemas, codeflow.Schemas, benchmarks.Schemas),
		RunE: a.do(func(_ *cobra.Command, args []string) error {
			schema := run.Schema
			switch {
			case slices.Contains(codeflow.Schemas, args[0]):
				schema = codeflow.Schema
			case slices.Contains(benchmarks.Schemas, args[0]):
				schema = benchmarks.Schema
			}
			data, err := schema(args[0])
			if err != nil {
				return err
			}
			_, err = a.stdout.Write(data)
			return err
		}),
	}
}
