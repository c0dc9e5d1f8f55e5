package wasi

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
	"github.com/assay-dev/assay/runtimes/instrument"
	"github.com/assay-dev/assay/runtimes/wasm"
)

// Version is of what a command finds here, beside the schedule of fuel.
const Version = "wasi 1"

// ErrModule is in what Compile says of a module that can't be run here.
var ErrModule = errors.New("not a module that can be run")

// Command is a compiled module, shared by any number of runs at a time.
type Command struct {
	code   engine.Code
	module *instrument.Module // with its segments
	pages  uint32             // of the memory at the start
}

// Compile makes a module ready.
func Compile(ctx context.Context, e engine.Engine, bin []byte, tell progress.Func) (*Command, error) {
	m, err := instrument.Instrument(bin, instrument.Default())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModule, err)
	}
	decoded, err := wasm.Decode(bin, wasm.Bounds{})
	if err == nil {
		err = accept(decoded)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModule, err)
	}
	code, err := e.Compile(ctx, m, tell)
	if err != nil {
		return nil, err
	}
	c := &Command{code: code, module: m}
	m.Code = nil // 500 MB maybe, which nobody needs any more
	if len(decoded.Memories) > 0 {
		c.pages = decoded.Memories[0].Min
	}
	return c, nil
}

// Close frees the code. Nothing may be running.
func (c *Command) Close() error { return c.code.Close() }

const entry = "_start"

// accept holds a module to what a command is: it exports _start and imports
// nothing but functions of the guest's world.
func accept(m *wasm.Module) error {
	if m.ImportedMems+m.ImportedTables+m.ImportedGlobals > 0 {
		return errors.New("it imports a memory, a table or a global, which a command brings along")
	}
	if err := acceptImports(m); err != nil {
		return err
	}
	for _, e := range m.Exports {
		if e.Name != entry || e.Kind != wasm.KindFunc {
			continue
		}
		if t := m.TypeOf(e.Index); len(t.Params)+len(t.Results) > 0 {
			return fmt.Errorf("its %s is of type %v, not [] -> []", entry, t)
		}
		return nil
	}
	return fmt.Errorf("it exports no function %s, so it is no WASI command", entry)
}

func acceptImports(m *wasm.Module) error {
	world, err := guest.New(guest.Config{})
	if err != nil {
		return err
	}
	known := map[string]guest.Function{}
	for _, f := range world.Functions() {
		known[f.Name] = f
	}
	for i, im := range m.Imports { // functions only, so they come in the order of their indices
		f, ok := known[im.Name]
		if !ok || im.Module != guest.Module {
			return fmt.Errorf("it imports %q of %q, which is not there: there is %s", im.Name, im.Module, guest.Module)
		}
		if want := typeOf(f); !m.TypeOf(uint32(i)).Equal(want) {
			return fmt.Errorf("it imports %s as %v, which is %v", im.Name, m.TypeOf(uint32(i)), want)
		}
	}
	return nil
}

func typeOf(f guest.Function) (t wasm.FuncType) {
	for _, p := range f.Params {
		t.Params = append(t.Params, wasm.ValType(p))
	}
	for _, r := range f.Results {
		t.Results = append(t.Results, wasm.ValType(r))
	}
	return t
}

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
