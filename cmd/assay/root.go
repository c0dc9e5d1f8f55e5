package main

import (
	"io"

	"github.com/spf13/cobra"
)

// version of the command and of what it judges by.
const version = "0.1.0"

// app is what the sub-commands share.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	running        bool // the flags and arguments were fine
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "assay",
		Short: "Judge programs that nobody trusts",
		Long: `assay runs programs that nobody trusts in a WebAssembly sandbox and says, for
the same bytes in, the same verdict out: on any machine, under any load.

Budgets are fuel (instructions that were run), not seconds. The expected
answers never enter the instance that runs the candidate.`,
		Example: `  assay eval starter --samples canonical --out out      two dozen problems of our own
  assay show out starter/3                              why a sample failed
  assay eval humaneval+ --samples mine.jsonl --out out  the real thing
  assay run program.py                                  any program, under the limits
  assay doctor                                          what is there and what is missing`,
		Version:           version,
		Args:              cobra.NoArgs,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
	}
	root.SetVersionTemplate("assay {{.Version}}\n")
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.AddCommand(
		a.evalCommand(), a.runCommand(),
		a.showCommand(), a.verifyCommand(), a.compareCommand(), a.schemaCommand(),
		a.suitesCommand(), a.runtimesCommand(),
		a.doctorCommand(), a.cacheCommand(), a.versionCommand(),
	)
	return root
}

// do is the body of a command: from here on an error is no longer wrong usage.
func (a *app) do(body func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		a.running = true
		return body(cmd, args)
	}
}
