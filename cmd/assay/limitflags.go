package main

import (
	"github.com/spf13/pflag"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/judge"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/runtimes"
)

// limitFlags are what a program is granted when it is judged.
type limitFlags struct {
	fuelFactor float64
	fuelFloor  fuelCount
	memory     byteCount
}

func (f *limitFlags) registerLimits(flags *pflag.FlagSet) {
	f.fuelFloor, f.memory = judge.DefaultFloor, 1<<30
	flags.Float64Var(&f.fuelFactor, "fuel-factor", judge.DefaultFuelFactor, "budget as a multiple of the canonical solution's fuel")
	flags.Var(&f.fuelFloor, "fuel-floor", "least budget of one input")
	flags.Var(&f.memory, "memory", "memory of one program")
}

func (f *limitFlags) checkLimits() error {
	switch {
	case !(f.fuelFactor >= 1):
		return usagef("--fuel-factor %v: a factor below 1 fails the canonical solutions themselves", f.fuelFactor)
	case f.memory < 64<<20 || f.memory > 4<<30:
		return usagef("--memory %s: from 64MiB, which Python itself needs, to 4GiB", f.memory.String())
	}
	return nil
}

// options are the limits as a summary keeps them, the defaults filled in.
func (f *limitFlags) options() run.Options {
	limits := runtimes.Limits{MemoryBytes: uint64(f.memory)}.WithDefaults()
	limits.LoadFuel, limits.CallFuel = 0, 0 // the judge sets them by factor and floor
	return run.Options{
		Compat: string(benchmarks.EvalplusMain), FuelFactor: f.fuelFactor, FuelFloor: uint64(f.fuelFloor), Limits: limits,
	}
}
