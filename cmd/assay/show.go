package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/humanize"
)

func (a *app) showCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show RESULTS TASK[#SAMPLE]",
		Short: "Show a program and why it failed",
		Long: `Show what is known of a sample: the program, the verdict, the first failing
input, the expected and the actual value, and the traceback. A note says where
the program reads frames of its callers, code objects or what the garbage
collector knows, which is how a program gets at tests that run beside it. Another
says so where the task itself is disputed (assay suites info), and why.

RESULTS is a results folder or the results.jsonl in it. Of a task with several
samples, each is listed; name one with #.`,
		Example: `  assay show out HumanEval/3
  assay show out 'HumanEval/3#2'`,
		Args: want("RESULTS", "TASK"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			stored, err := a.load(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			records, err := stored.Find(args[1])
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(a.stdout, shownRecords(stored, records))
			}
			if len(records) > 1 {
				return a.listSamples(args[0], records)
			}
			return stored.Show(a.stdout, records[0])
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the records as JSON")
	return cmd
}

// shownRecord is a record with what its program's text says.
type shownRecord struct {
	harness.Record
	Reaches  []string `json:"reaches,omitempty"`  // for what the program was not given
	Notes    []string `json:"notes,omitempty"`    // how it met the 32 bits of the guest
	Disputed string   `json:"disputed,omitempty"` // what is wrong with the task itself
}

func shownRecords(stored *run.Stored, records []harness.Record) []shownRecord {
	out := make([]shownRecord, len(records))
	for i, r := range records {
		out[i].Record, out[i].Disputed = r, stored.DisputeText(r)
		if source, err := stored.Candidate(r); err == nil {
			out[i].Reaches, out[i].Notes = run.Reaches(source), run.NarrowNotes(r, source)
		}
	}
	return out
}

func (a *app) listSamples(dir string, records []harness.Record) error {
	for _, r := range records {
		fmt.Fprintf(a.stdout, "%s#%-4d %-15s fuel %s\n", r.TaskID, r.Sample, r.Verdict, humanize.Grouped(r.Fuel))
	}
	_, err := fmt.Fprintf(a.stdout, "\nassay show %s '%s#%d' shows the first of them\n", dir, records[0].TaskID, records[0].Sample)
	return err
}
