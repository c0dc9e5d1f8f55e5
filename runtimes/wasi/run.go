package wasi

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

const (
	pageSize = 64 << 10
	maxPages = 65536
)

// Input is what a run is given.
type Input struct {
	Args  []string // the name of the program is the first
	Stdin []byte
	Seed  uint64 // of the random bytes
}

// Run runs the command once, from its start, in a new instance. A command that
// ends, by itself or by an exit, is OK; Outcome.Detail is its exit code in
// decimal. LoadFuel is all that it may use. The error is a fault of ours.
func (c *Command) Run(ctx context.Context, in Input, lim runtimes.Limits) (runtimes.Outcome, error) {
	lim = lim.WithDefaults()
	limit := uint32(min(lim.MemoryBytes/pageSize, maxPages))
	if c.pages > limit {
		return runtimes.Outcome{Kind: runtimes.OutOfMemory, Detail: fmt.Sprintf("it starts with %d pages; at most %d", c.pages, limit)}, nil
	}
	w, err := newWorld(in, lim)
	if err != nil {
		return runtimes.Outcome{}, fmt.Errorf("wasi: %w", err)
	}
	inst, err := c.code.New(ctx, w.Functions(), c.pages)
	if err != nil {
		return runtimes.Outcome{}, fmt.Errorf("wasi: %w", err)
	}
	defer inst.Close(context.WithoutCancel(ctx))
	inst.SetFuel(lim.LoadFuel)
	inst.SetStack(lim.StackSlots)
	inst.SetMemoryLimit(limit)
	if err = engine.Boot(ctx, c.module, inst); err == nil {
		_, err = inst.Call(ctx, entry)
	}
	if err != nil && ctx.Err() != nil {
		return runtimes.Outcome{}, fmt.Errorf("wasi: %w", context.Cause(ctx))
	}
	out, err := outcome(err, inst.MemoryRefused())
	out.Fuel, out.Pages = inst.Used(), inst.Pages()
	out.Stdout, out.Stderr = slices.Clone(w.Stdout()), slices.Clone(w.Stderr())
	return out, err
}

// newWorld has one folder, /tmp.
func newWorld(in Input, lim runtimes.Limits) (*guest.World, error) {
	b := memfs.NewBuilder()
	if err := b.Dir("tmp"); err != nil {
		return nil, err
	}
	return guest.New(guest.Config{Args: in.Args, Stdin: in.Stdin, Seed: in.Seed, Root: b.Tree(), Limits: lim})
}

func outcome(err error, refused bool) (runtimes.Outcome, error) {
	var exit *guest.Exit
	var halt *guest.Halt
	switch {
	case err == nil:
		return runtimes.Exited(0), nil
	case errors.As(err, &exit):
		return runtimes.Exited(exit.Code), nil
	case errors.As(err, &halt):
		return engine.Halted(halt, refused), nil
	}
	return runtimes.Outcome{}, fmt.Errorf("wasi: running the guest: %w", err)
}
