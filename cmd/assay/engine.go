package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/runtimes/cache"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/python"
	"github.com/assay-dev/assay/runtimes/worker"
)

// engineCommand is what this executable is called with in the process that runs
// the programs.
const engineCommand = "engine-process"

func (a *app) engineProcess() *cobra.Command {
	return &cobra.Command{
		Use:    engineCommand,
		Short:  "Run programs for another assay, which starts this command itself",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   a.do(func(*cobra.Command, []string) error { return worker.Serve(openPython) }),
	}
}

// openPython opens the runtime in this process.
func openPython(ctx context.Context, s worker.Setup, tell func(stage string, done, total int64)) (worker.Runtime, error) {
	folder, err := cache.Open(s.Cache)
	if err != nil {
		return nil, err
	}
	engine, err := registry.New(s.Engine, folder)
	if err != nil {
		return nil, err
	}
	rt, err := python.Open(ctx, python.Config{Cache: folder, Wheel: s.Wheel, Engine: engine, Progress: tell, MaxInstances: s.Programs, Libraries: s.Libraries})
	if err != nil {
		return nil, fmt.Errorf("making Python ready: %w", err)
	}
	return rt, nil
}
