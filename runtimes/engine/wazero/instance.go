package wazero

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/tetratelabs/wazero/api"

	"assay/runtimes/engine"
	"assay/runtimes/instrument"
)

// Defaults of a new instance.
const (
	defaultStack    = 1 << 20 // slots of 8 bytes
	defaultMaxPages = 65535   // of 64 KiB: with one more, lengths overflow 32 bits
)

// Instance is one guest under wazero.
type Instance struct {
	code    *Code
	mod     api.Module
	imports []boundImport
	globals globals

	tank    engine.Tank
	slots   uint64
	hostErr error // why a host call failed, while wazero unwinds

	// Functions are kept because each has a stack of its own; one can't be
	// entered twice, so nested calls get others.
	functions map[string]api.Function
	nested    map[string]api.Function // those that Nested calls, while they are not running

	stopMu      sync.Mutex // over the stop global, which Interrupt sets from outside
	interrupted atomic.Bool
}

var _ engine.Instance = (*Instance)(nil)

func newInstance(c *Code, mod api.Module, imports []boundImport) (*Instance, error) {
	g, err := findGlobals(mod, c.module)
	if err != nil {
		return nil, errors.Join(err, mod.Close(context.Background()))
	}
	i := &Instance{code: c, mod: mod, imports: imports, globals: g,
		functions: map[string]api.Function{}, nested: map[string]api.Function{}}
	i.Reset(i.Globals())
	return i, nil
}

// Call calls an export from outside.
func (i *Instance) Call(ctx context.Context, export string, params ...uint64) ([]uint64, error) {
	fn, ok := i.functions[export]
	if !ok {
		if fn = i.mod.ExportedFunction(export); fn == nil {
			return nil, fmt.Errorf("the module exports no function %q", export)
		}
		i.functions[export] = fn
	}
	defer collector.guest()()
	i.globals.depth.set(i.slots)
	results, err := i.call(ctx, fn, params)
	if err != nil {
		delete(i.functions, export) // its stack may have grown to hundreds of megabytes
	}
	return results, err
}

// nestedFuel bounds a call that the host makes for its own ends: an allocation.
const nestedFuel = 1 << 30

// Nested calls an export from inside a host call.
func (i *Instance) Nested(ctx context.Context, export string, params ...uint64) ([]uint64, error) {
	fn, ok := i.nested[export]
	if !ok {
		if fn = i.mod.ExportedFunction(export); fn == nil {
			return nil, fmt.Errorf("the module exports no function %q", export)
		}
	}
	delete(i.nested, export)
	fuel, depth, tank := i.globals.fuel.get(), i.globals.depth.get(), i.tank
	defer func() {
		i.globals.fuel.set(fuel)
		i.globals.depth.set(depth)
		i.tank = tank
	}()
	i.SetFuel(nestedFuel)
	results, err := i.enter(ctx, fn, params) // the call around it watches ctx
	if err == nil {
		i.nested[export] = fn
	}
	return results, err
}

func (i *Instance) call(ctx context.Context, fn api.Function, params []uint64) ([]uint64, error) {
	if ctx.Err() != nil {
		return nil, cancelled(ctx)
	}
	defer i.watch(ctx)()
	return i.enter(ctx, fn, params)
}

func (i *Instance) enter(ctx context.Context, fn api.Function, params []uint64) ([]uint64, error) {
	results, err := fn.Call(context.WithValue(ctx, instanceKey{}, i), params...)
	if err = i.ended(err); err == engine.ErrInterrupted && ctx.Err() != nil {
		err = cancelled(ctx)
	}
	return results, err
}

func cancelled(ctx context.Context) error {
	return fmt.Errorf("%w: %w", engine.ErrInterrupted, context.Cause(ctx))
}

// watch interrupts the guest when ctx is done, until stopped.
func (i *Instance) watch(ctx context.Context) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	done := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(done)
		i.Interrupt()
	})
	return func() {
		if !cancel() {
			<-done // else a late store would stop the instance's next guest
		}
	}
}

// Interrupt ends a running guest from any goroutine.
func (i *Instance) Interrupt() {
	i.stopMu.Lock()
	defer i.stopMu.Unlock()
	i.interrupted.Store(true)
	i.globals.stop.set(instrument.StopNow)
}

// Reset makes the instance ready for another guest.
func (i *Instance) Reset(state []uint64) {
	for k, g := range i.globals.state {
		g.Set(state[k])
	}
	i.globals.tag.set(0)
	i.globals.payload.set(0)
	i.globals.refused.set(0)
	i.globals.fuel.set(0)
	i.tank = engine.Tank{}
	i.hostErr = nil
	i.SetStack(defaultStack)
	i.SetMemoryLimit(defaultMaxPages)
	i.stopMu.Lock()
	defer i.stopMu.Unlock()
	i.globals.stop.set(0)
	i.interrupted.Store(false)
}

// Globals copies the guest's own globals.
func (i *Instance) Globals() []uint64 {
	out := make([]uint64, len(i.globals.state))
	for k, g := range i.globals.state {
		out[k] = g.Get()
	}
	return out
}

// Memory is the linear memory as it is now; nil where there is none.
func (i *Instance) Memory() []byte {
	if i.code.module.Memory == "" {
		return nil
	}
	mem := i.mod.Memory()
	data, _ := mem.Read(0, mem.Size())
	return data
}

// Pages is the size of the memory in pages of 64 KiB.
func (i *Instance) Pages() uint32 { return uint32(len(i.Memory()) / pageSize) }

// SetFuel fills the tank.
func (i *Instance) SetFuel(n uint64) { i.globals.fuel.set(uint64(i.tank.Fill(n, i.Fuel()))) }

// Fuel is what is left; below 0 the tank is empty.
func (i *Instance) Fuel() int64 { return int64(i.globals.fuel.get()) }

// Used is the fuel used over all fillings.
func (i *Instance) Used() uint64 { return i.tank.Used(i.Fuel()) }

// SetUsed makes Used count on from n.
func (i *Instance) SetUsed(n uint64) { i.tank.SetUsed(n, i.Fuel()) }

func (i *Instance) charge(n uint64) bool {
	left, ok := engine.Charge(i.Fuel(), n)
	i.globals.fuel.set(uint64(left))
	return ok
}

// SetStack sets the slots (8 bytes each) that every Call starts with.
func (i *Instance) SetStack(slots uint64) { i.slots = min(slots, 1<<62) }

// SetMemoryLimit sets the pages past which memory.grow is refused.
func (i *Instance) SetMemoryLimit(pages uint32) {
	i.globals.limit.set(uint64(min(pages, defaultMaxPages)))
}

// MemoryRefused says that a memory.grow was refused.
func (i *Instance) MemoryRefused() bool { return i.globals.refused.get() != 0 }

// ClearMemoryRefused forgets it.
func (i *Instance) ClearMemoryRefused() { i.globals.refused.set(0) }

// Close frees the instance.
func (i *Instance) Close(ctx context.Context) error { return i.mod.Close(ctx) }
