package engine

import (
	"context"
	"fmt"
	"math"
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

// nestedFree is the fuel that a call which the host makes for its own ends may
// use for nothing: an allocation takes 500, and a page each where memory grows.
const nestedFree = 16 << 10

// Nested calls an export from inside a host call, whose own call watches ctx. What
// it uses beyond nestedFree is the guest's: a guest can make it as long as it likes.
func (g *Guest) Nested(ctx context.Context, export string, params ...uint64) ([]uint64, error) {
	left, depth, tank, used := max(g.Fuel(), 0), g.globals.depth.get(), g.tank, g.Used()
	defer func() {
		used = g.Used() - used
		left, _ = charge(left, used-min(used, nestedFree))
		g.globals.fuel.set(uint64(left))
		g.globals.depth.set(depth)
		g.tank = tank
	}()
	g.SetFuel(uint64(left) + nestedFree)
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
	flags := g.globals.refused.get()
	switch missing := instrument.Missing(flags); {
	case missing >= 0:
		return fmt.Errorf("%w (function %d)", ErrMissing, missing)
	case flags&instrument.MemStarved != 0:
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
	left, ok := charge(c.g.Fuel(), n)
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

// PageSize is a page of linear memory, in bytes.
const PageSize = 64 << 10

// Machine is the part of an instance that each engine has its own way for. A
// Guest makes an Instance of it, with meters and rules that are the same for
// all.
type Machine interface {
	// Call runs an export, nested when a host call of this machine asks for it.
	// The error is a *guest.Halt where the guest trapped, anything where Serve
	// gave an error or the guest was stopped, and else a fault of ours.
	Call(ctx context.Context, export string, params []uint64, nested bool) ([]uint64, error)
	// Global is the mutable global exported by that name, or nil where there is
	// none or it holds no number. The stop flag is set from other goroutines
	// while the guest runs.
	Global(name string) Global
	// Memory is the linear memory as it is now; nil where there is none.
	Memory() []byte
	Close(ctx context.Context) error
}

// Global is a mutable global; its value is the bits of a number.
type Global interface {
	Get() uint64
	Set(v uint64)
}

// Tank keeps the books of an instance's fuel over several fillings. The meter
// itself is the guest's global, which the engine reads and passes in as left.
type Tank struct {
	filled uint64 // the current filling
	spent  uint64 // used of all fillings before it
}

// Fill starts a new filling of n (at most MaxInt64) and returns what to set the
// meter to.
func (t *Tank) Fill(n uint64, left int64) int64 {
	t.spent = t.Used(left)
	t.filled = min(n, math.MaxInt64)
	return int64(t.filled)
}

// Used is the fuel used over all fillings; an empty tank used its filling whole.
func (t *Tank) Used(left int64) uint64 { return t.spent + t.used(left) }

// SetUsed makes Used count on from n.
func (t *Tank) SetUsed(n uint64, left int64) { t.spent = n - t.used(left) }

func (t *Tank) used(left int64) uint64 {
	if left < 0 {
		return t.filled
	}
	return t.filled - uint64(left)
}

// charge takes n from left. False means that the tank is empty now.
func charge(left int64, n uint64) (int64, bool) {
	if left < 0 || n > uint64(left) {
		return -1, false
	}
	return left - int64(n), true
}

// meter is one of the globals that the rewriting added. A module without the
// pass that needs it lacks it: then it reads as fixed and can't be set.
type meter struct {
	global Global
	fixed  uint64
}

func (m meter) get() uint64 {
	if m.global == nil {
		return m.fixed
	}
	return m.global.Get()
}

func (m meter) set(v uint64) {
	if m.global != nil {
		m.global.Set(v)
	}
}

// globals are those of one instance.
type globals struct {
	fuel, stop, depth, tag, payload, limit, refused meter

	state []Global // the guest's own
}

func findGlobals(m Machine, about *instrument.Module) (globals, error) {
	const full = 1<<63 - 1
	out := globals{
		fuel:    meter{m.Global(instrument.ExportFuel), full},
		stop:    meter{m.Global(instrument.ExportStop), 0},
		depth:   meter{m.Global(instrument.ExportDepth), full},
		tag:     meter{m.Global(instrument.ExportTag), 0},
		payload: meter{m.Global(instrument.ExportPayload), 0},
		limit:   meter{m.Global(instrument.ExportMemLimit), 0},
		refused: meter{m.Global(instrument.ExportMemRefused), 0},
	}
	for _, name := range about.Globals {
		g := m.Global(name)
		if g == nil {
			return out, fmt.Errorf("no mutable global is exported as %q, or its value is neither an integer nor a float and can't be kept in an image", name)
		}
		out.state = append(out.state, g)
	}
	return out, nil
}

// Boot does for a new instance what instantiation would have done: it copies
// the data segments into memory and runs the start function with what is in
// the tank. A segment out of bounds is the guest's trap.
func Boot(ctx context.Context, m *instrument.Module, inst Instance) error {
	mem := inst.Memory()
	for _, s := range m.Segments {
		if uint64(s.Offset)+uint64(len(s.Data)) > uint64(len(mem)) {
			return Trap(TrapMemoryBounds)
		}
		copy(mem[s.Offset:], s.Data)
	}
	if m.Start == "" {
		return nil
	}
	if _, err := inst.Call(ctx, m.Start); err != nil {
		return fmt.Errorf("start function: %w", err)
	}
	return nil
}
