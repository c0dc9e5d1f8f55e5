package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/runtimes/confine"
)

// version of the command and of what it judges by.
const version = "0.1.0"

func main() { os.Exit(execute(os.Args[1:])) }

// execute is the command, with its exit code.
func execute(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), stopSignals()...)
	defer stop()
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	context.AfterFunc(ctx, func() {
		stop() // a second Ctrl-C ends the process at once
		time.AfterFunc(patience, a.giveUp)
	})
	if len(args) == 0 || args[0] != workerCommand {
		atomicfile.SweepScratch() // of those that were killed
		confine.Sweep()
	} else {
		a.waits.Store(true)
	}

	root := a.root()
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	code := a.exitCode(ctx, err)
	if text := message(err); text != "" {
		fmt.Fprintln(a.stderr, "assay: "+text)
	}
	if code == exitUsage {
		fmt.Fprintf(a.stderr, "Run '%s --help' for usage.\n", cmd.CommandPath())
	}
	return code
}

// patience is how long a command may take to end that was told to.
const patience = 1500 * time.Millisecond

// giveUp ends a command that was told to stop and has not. What it did is on the
// disk as soon as it is done, so no more is lost than by kill -9: nothing. Those
// that wait for what was paid for, or save what was trained, say so and go on.
func (a *app) giveUp() {
	if !a.waits.Load() {
		fmt.Fprintln(a.stderr, "assay: interrupted; what was done is kept")
		os.Exit(exitInterrupted)
	}
}

// stopSignals are those that end the command. Who starts it with nohup has SIGHUP
// ignored, and it stays so.
func stopSignals() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// app is what the sub-commands share.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	running        bool        // the flags and arguments were fine
	waits          atomic.Bool // once it is told to stop, for what may take long
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "assay",
		Short: "Judge programs that nobody trusts",
		Long: `assay runs programs that nobody trusts in a WebAssembly sandbox and says, for
the same bytes in, the same verdict out: on any machine, under any load.

Budgets are fuel (instructions that were run), not seconds. The expected
answers never enter the instance that runs the candidate.

Environment:
  ASSAY_CACHE  folder of the cache (default: the user's cache folder)
  ASSAY_DATA   folder that has data sets, looked at before anything is fetched
  ASSAY_ENGINE the engine that runs programs, as --engine
  ASSAY_PLUGINS folder of the plugins (default: in the user's folder of settings)
  ASSAY_SUITES folder of the suites that you added (default: in the user's folder of settings)
  ASSAY_TRL_PYTHON  the Python of the PyTorch trainer, as --python of train
  ASSAY_WHEEL  the wheel of the Python runtime, as --wheel
  NO_COLOR     no colours, whatever its value`,
		Example: `  assay eval starter --samples examples --out out       two dozen problems of our own
  assay show out Starter/3                              why a sample failed
  assay eval humaneval+ --samples mine.jsonl --out out  the real thing
  assay generate humaneval+ --backend openai --model M --out mine.jsonl  a model's samples
  assay codeflow --suite humaneval+ --backend openai --model M --out flow  a model debugs its own
  assay train --pairs pairs.jsonl --model M --out trained  a model learns from it
  assay run program.py                                  any program, under the limits
  assay doctor                                          what is there and what is missing`,
		Version:       version,
		Args:          cobra.NoArgs,
		RunE:          group,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate("assay {{.Version}}\n")
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	for _, g := range []struct {
		title    string
		commands []*cobra.Command
	}{
		{"Judge programs:", []*cobra.Command{a.evalCommand(), a.runCommand(), a.verifyCommand()}},
		{"Look into results:", []*cobra.Command{a.showCommand(), a.compareCommand(), a.errorsCommand(), a.costCommand(), a.reportCommand()}},
		{"Models that write and learn:", []*cobra.Command{a.generateCommand(), a.codeflowCommand(), a.pairsCommand(), a.trainCommand(), a.ablateCommand()}},
		{"What there is:", []*cobra.Command{a.suitesCommand(), a.runtimesCommand(), a.pluginsCommand(), a.doctorCommand(), a.cacheCommand(), a.schemaCommand(), a.versionCommand()}},
	} {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
		for _, c := range g.commands {
			c.GroupID = g.title
			root.AddCommand(c)
		}
	}
	root.AddCommand(a.workerProcess())
	return root
}

// group is the body of a command that only has commands below it: its help.
func group(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// want checks that the arguments are there that names says.
func want(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return fmt.Errorf("%s is missing", names[len(args)])
		case len(args) > len(names):
			return fmt.Errorf("unexpected argument %q", args[len(names)])
		}
		return nil
	}
}

// atLeast checks that there is one argument or more.
func atLeast(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return want(name)(cmd, args)
		}
		return nil
	}
}

// do is the body of a command: from here on an error is no longer wrong usage.
func (a *app) do(body func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		a.running = true
		return body(cmd, args)
	}
}
