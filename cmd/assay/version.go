package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/harness/judge"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/runtimes/engine/registry"
)

type versions struct {
	Assay    string `json:"assay"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Judge    int    `json:"judge"`
	Record   int    `json:"record"`
	Summary  int    `json:"summary"`
	// Engines that are built in, the default first. No record depends on them.
	Engines []string `json:"engines"`
}

func (a *app) versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of assay, its rules and its file formats",
		Args:  cobra.NoArgs,
		RunE: a.do(func(*cobra.Command, []string) error {
			v := versions{
				Assay: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
				Judge: judge.Version, Record: harness.RecordVersion, Summary: run.SummaryVersion, Engines: registry.BuiltIn(),
			}
			if asJSON {
				return writeJSON(a.stdout, v)
			}
			_, err := fmt.Fprintf(a.stdout, "assay %s (%s, %s)\njudge %d, results.jsonl %d, summary.json %d\nengines: %s\n",
				v.Assay, v.Go, v.Platform, v.Judge, v.Record, v.Summary, strings.Join(v.Engines, ", "))
			return err
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

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
