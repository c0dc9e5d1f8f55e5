package engine

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/instrument"
)

// Defaults of a new instance.
const (
	defaultStack    = 1 << 20 // slots of 8 bytes
	defaultMaxPages = 65535   // of 64 KiB: with one more, lengths overflow 32 bits
)

// Guest is an Instance on top of a Machine.
type Guest struct {
	machine Machine
	imports Served
	globals globals

	tank    Tank
	slots   uint64
	hostErr error // why a host call failed, while the machine unwinds

	stopMu      sync.Mutex // over the stop flag, which Interrupt sets from outside
	closed      bool
	interrupted atomic.Bool
}

var _ Instance = (*Guest)(nil)

// NewGuest makes an instance; the machine is closed where that fails.
func NewGuest(m Machine, about *instrument.Module, imports Served) (*Guest, error) {
	found, err := findGlobals(m, about)
	if err != nil {
		_ = m.Close(context.Background())
		return nil, err
	}
	g := &Guest{machine: m, imports: imports, globals: found}
	g.Reset(g.Globals())
	return g, nil
}

// Call calls an export from outside.
func (g *Guest) Call(ctx context.Context, export string, params ...uint64) ([]uint64, error) {
	if ctx.Err() != nil {
		return nil, cancelled(ctx)
	}
	if g.interrupted.Load() {
		return nil, ErrInterrupted
	}
	defer g.watch(ctx)()
	g.globals.depth.set(g.slots)
	return g.enter(ctx, export, params, false)
}

// nestedFuel bounds a call that the host makes for its own ends: an allocation.
const nestedFuel = 1 << 30

// Nested calls an export from inside a host call, whose own call watches ctx.
func (g *Guest) Nested(ctx context.Context, export string, params ...uint64) ([]uint64, error) {
	fuel, depth, tank := g.globals.fuel.get(), g.globals.depth.get(), g.tank
	defer func() {
		g.globals.fuel.set(fuel)
		g.globals.depth.set(depth)
		g.tank = tank
	}()
	g.SetFuel(nestedFuel)
	return g.enter(ctx, export, params, true)
}

func (g *Guest) enter(ctx context.Context, export string, params []uint64, nested bool) ([]uint64, error) {
	results, err := g.machine.Call(ctx, export, params, nested)
	if err = g.ended(err); err == ErrInterrupted && ctx.Err() != nil {
		err = cancelled(ctx)
	}
	return results, err
}

// ended says how a call ended that gave err: nil, the host's own error, an
// interruption, what the meters say, the guest's trap, or a fault of ours.
func (g *Guest) ended(err error) error {
	host := g.hostErr
	g.hostErr = nil
	switch {
	case g.globals.refused.get()&instrument.MemStarved != 0:
		return ErrStarved
	case err != nil && host != nil:
		return host
	case err != nil && g.interrupted.Load():
		return ErrInterrupted
	}
	if halt := g.meters().Halt(); halt != nil {
		return halt
	}
	return err
}

func (g *Guest) meters() Meters {
	return Meters{Fuel: g.Fuel(), Depth: int64(g.globals.depth.get()), Tag: uint32(g.globals.tag.get())}
}

func cancelled(ctx context.Context) error {
	return fmt.Errorf("%w: %w", ErrInterrupted, context.Cause(ctx))
}

// Serve runs the host function behind an import, unless the guest is at its
// end already. Parameters and result are in stack. The machine has to unwind
// after an error.
func (g *Guest) Serve(n int, stack []uint64) error {
	err := g.serve(&g.imports[n], stack)
	if err != nil {
		g.hostErr = err
	}
	return err
}

func (g *Guest) serve(f *served, stack []uint64) (err error) {
	if g.interrupted.Load() {
		return ErrInterrupted
	}
	if halt := g.meters().Halt(); halt != nil {
		return halt
	}
	for k, mask := range f.params {
		stack[k] &= mask
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in a host call: %v", r)
		}
	}()
	result, err := f.call(caller{g}, stack[:len(f.params)])
	if err == nil && len(f.results) == 1 {
		stack[0] = result & f.results[0]
	}
	return err
}

// caller is an instance as its host functions see it.
type caller struct{ g *Guest }

var _ guest.Caller = caller{}

func (c caller) Memory() []byte { return c.g.Memory() }
func (c caller) Used() uint64   { return c.g.Used() }

func (c caller) Charge(n uint64) bool {
	left, ok := Charge(c.g.Fuel(), n)
	c.g.globals.fuel.set(uint64(left))
	return ok
}

// watch interrupts the guest when ctx is done, until stopped.
func (g *Guest) watch(ctx context.Context) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	done := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(done)
		g.Interrupt()
	})
	return func() {
		if !cancel() {
			<-done // else a late one would stop the instance's next guest
		}
	}
}

// Interrupt ends a running guest from any goroutine.
func (g *Guest) Interrupt() {
	g.stopMu.Lock()
	defer g.stopMu.Unlock()
	g.interrupted.Store(true)
	if !g.closed {
		g.globals.stop.set(instrument.StopNow)
	}
}

// Reset makes the instance ready for another guest.
func (g *Guest) Reset(state []uint64) {
	for k, global := range g.globals.state {
		global.Set(state[k])
	}
	g.globals.tag.set(0)
	g.globals.payload.set(0)
	g.globals.refused.set(0)
	g.globals.fuel.set(0)
	g.tank = Tank{}
	g.hostErr = nil
	g.SetStack(defaultStack)
	g.SetMemoryLimit(defaultMaxPages)
	g.stopMu.Lock()
	defer g.stopMu.Unlock()
	g.globals.stop.set(0)
	g.interrupted.Store(false)
}

// Globals copies the guest's own globals.
func (g *Guest) Globals() []uint64 {
	out := make([]uint64, len(g.globals.state))
	for k, global := range g.globals.state {
		out[k] = global.Get()
	}
	return out
}

// Memory is the linear memory as it is now.
func (g *Guest) Memory() []byte { return g.machine.Memory() }

// Pages is the size of the memory in pages of 64 KiB.
func (g *Guest) Pages() uint32 { return uint32(len(g.Memory()) / PageSize) }

// SetFuel fills the tank.
func (g *Guest) SetFuel(n uint64) { g.globals.fuel.set(uint64(g.tank.Fill(n, g.Fuel()))) }

// Fuel is what is left; below 0 the tank is empty.
func (g *Guest) Fuel() int64 { return int64(g.globals.fuel.get()) }

// Used is the fuel used over all fillings.
func (g *Guest) Used() uint64 { return g.tank.Used(g.Fuel()) }

// SetUsed makes Used count on from n.
func (g *Guest) SetUsed(n uint64) { g.tank.SetUsed(n, g.Fuel()) }

// SetStack sets the slots (8 bytes each) that every Call starts with.
func (g *Guest) SetStack(slots uint64) { g.slots = min(slots, MaxStack) }

// SetMemoryLimit sets the pages past which memory.grow is refused.
func (g *Guest) SetMemoryLimit(pages uint32) {
	g.globals.limit.set(uint64(min(pages, defaultMaxPages)))
}

// MemoryRefused says that a memory.grow was refused since the last Reset.
func (g *Guest) MemoryRefused() bool { return g.globals.refused.get()&instrument.MemRefused != 0 }

// Close frees the instance.
func (g *Guest) Close(ctx context.Context) error {
	g.stopMu.Lock()
	defer g.stopMu.Unlock()
	g.closed = true
	return g.machine.Close(ctx)
}
