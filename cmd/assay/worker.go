package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/runtimes/worker"
)

// workerCommand is what this executable is called with in a process that runs
// programs.
const workerCommand = "worker-process"

func (a *app) workerProcess() *cobra.Command {
	return &cobra.Command{
		Use:    workerCommand,
		Short:  "Run programs for another assay, which starts this command itself",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   a.do(func(*cobra.Command, []string) error { return worker.Serve(worker.Open) }),
	}
}

// workerArgs start a worker process.
func workerArgs() []string { return []string{os.Args[0], workerCommand} }

// defaultEngine is the engine that is used where no flag names one.
func defaultEngine() string { return os.Getenv("ASSAY_ENGINE") }
