package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/instrument"
	"github.com/assay-dev/assay/runtimes/python"
)

// Programs that compute, and do little else.
//
//go:embed programs/*.py
var programs embed.FS

// engines compares the engine that was chosen with the default on programs that
// compute: processor time, in turn, in this process.
func (b *bench) engines(ctx context.Context) error {
	if b.engine == "" || b.engine == registry.Wazero {
		return nil // there is nothing to compare
	}
	ours, err := openPython(ctx, b.engine, instrument.Default())
	if err != nil {
		return err
	}
	defer ours.Close()
	theirs, err := openPython(ctx, registry.Wazero, instrument.Default())
	if err != nil {
		return err
	}
	defer theirs.Close()
	return eachProgram(func(name, source string) error {
		var a, z []figures
		for n := range b.runs + 1 {
			one, err1 := compute(ctx, ours, source)
			two, err2 := compute(ctx, theirs, source)
			switch {
			case err1 != nil || err2 != nil:
				return fmt.Errorf("%s: %w", name, errors.Join(err1, err2))
			case !bytes.Equal(one.Out, two.Out):
				return fmt.Errorf("%s: %s and %s differ: %s, %s", name, b.engine, registry.Wazero, one.Out, two.Out)
			case n > 0: // the first one warms caches
				a, z = append(a, one), append(z, two)
			}
		}
		b.add(row{
			What: "processor time of " + name + ", " + b.engine + " against " + registry.Wazero,
			Ours: fmt.Sprintf("%.0f ms", 1e3*median(a, cpuSeconds)), Theirs: fmt.Sprintf("%.0f ms", 1e3*median(z, cpuSeconds)),
			Ratio: fmt.Sprintf("%.2f", median(a, cpuSeconds)/median(z, cpuSeconds)), Bar: "≤ 0.6",
		})
		return nil
	})
}

// compute runs a program; Out is its output with the fuel.
func compute(ctx context.Context, rt *python.Runtime, source string) (figures, error) {
	before, start := processorTime(), time.Now()
	out, err := rt.Run(ctx, mainJob(source), nil)
	f := figures{Wall: time.Since(start), CPU: processorTime() - before}
	if err == nil && out.Kind != runtimes.OK {
		err = fmt.Errorf("it ended as %s: %s", out.Kind, out.Detail)
	}
	f.Out = fmt.Appendf(nil, "%s, fuel %d, pages %d", out.Stdout, out.Fuel, out.Pages)
	return f, err
}

// processorTime is what this process has used so far, user and system.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
