package wazero

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/instrument"
)

// machine is one instance of wazero's.
type machine struct {
	mod    api.Module
	memory string        // its export name
	guest  *engine.Guest // which serves the host calls

	// Functions are kept because each has a stack of its own; one can't be
	// entered twice, so nested calls get others.
	functions map[string]api.Function
	nested    map[string]api.Function // while they are not running
}

var _ engine.Machine = (*machine)(nil)

func newMachine(mod api.Module, about *instrument.Module) *machine {
	return &machine{mod: mod, memory: about.Memory,
		functions: map[string]api.Function{}, nested: map[string]api.Function{}}
}

// machineKey finds the machine in the context of a call.
type machineKey struct{}

func (m *machine) Call(ctx context.Context, export string, params []uint64, nested bool) ([]uint64, error) {
	kept := m.functions
	if nested {
		kept = m.nested
	} else {
		defer collector.guest()()
	}
	fn := kept[export]
	delete(kept, export)
	if fn == nil {
		if fn = m.mod.ExportedFunction(export); fn == nil {
			return nil, fmt.Errorf("the module exports no function %q", export)
		}
	}
	results, err := fn.Call(context.WithValue(ctx, machineKey{}, m), params...)
	if err != nil {
		return nil, trapOf(err) // and fn is dropped: its stack may have grown to hundreds of megabytes
	}
	kept[export] = fn
	return results, nil
}

// errHost unwinds wazero after a host call failed; the guest knows why.
var errHost = errors.New("host call failed")

// hostCall is the Go side of the n-th import, for every machine.
func hostCall(n int) api.GoModuleFunc {
	return func(ctx context.Context, _ api.Module, stack []uint64) {
		if ctx.Value(machineKey{}).(*machine).guest.Serve(n, stack) != nil {
			panic(errHost)
		}
	}
}

func (m *machine) Global(name string) engine.Global {
	g, ok := m.mod.ExportedGlobal(name).(api.MutableGlobal)
	if !ok {
		return nil
	}
	switch g.Type() {
	case api.ValueTypeI32, api.ValueTypeI64, api.ValueTypeF32, api.ValueTypeF64:
		return g
	}
	return nil
}

func (m *machine) Memory() []byte {
	if m.memory == "" {
		return nil
	}
	mem := m.mod.Memory()
	data, _ := mem.Read(0, mem.Size())
	return data
}

func (m *machine) Close(ctx context.Context) error { return m.mod.Close(ctx) }

// allocator gives a new instance the memory that was made for it.
type allocator struct{ memory *linear }

func (a allocator) Allocate(_, _ uint64) experimental.LinearMemory { return a.memory }

// linear is the memory of one instance.
type linear struct {
	room  room
	bytes []byte
	max   uint64
}

// newLinear makes a memory of size bytes that can grow to max.
func newLinear(size, max uint64) (*linear, error) {
	r, err := newRoom(max)
	if err != nil {
		return nil, fmt.Errorf("reserve %d bytes of address space: %w", max, err)
	}
	m := &linear{room: r, max: max}
	if m.Reallocate(size) == nil {
		m.Free()
		return nil, fmt.Errorf("no room for %d bytes", size)
	}
	return m, nil
}

// Reallocate gives the memory, of at least size bytes now, or nil when it
// can't.
func (m *linear) Reallocate(size uint64) []byte {
	switch {
	case size > m.max:
		return nil
	case size > uint64(len(m.bytes)) || m.bytes == nil:
		grown, err := m.room.grow(m.bytes, size)
		if err != nil {
			return nil
		}
		m.bytes = grown
	}
	return m.bytes
}

func (m *linear) Free() { m.room.free() }

// traps are wazero's words for what a guest can cause, and ours.
var traps = map[string]string{
	"unreachable":                   engine.TrapUnreachable,
	"out of bounds memory access":   engine.TrapMemoryBounds,
	"invalid table access":          engine.TrapTable,
	"indirect call type mismatch":   engine.TrapIndirectCallType,
	"integer divide by zero":        engine.TrapDivideByZero,
	"integer overflow":              engine.TrapIntegerOverflow,
	"invalid conversion to integer": engine.TrapInvalidConversion,
}

// trapOf reads wazero's error: "wasm error: WORDS", then a stack trace. Its
// error type is internal. What is not a guest's trap is a fault of ours.
func trapOf(err error) error {
	words, _, _ := strings.Cut(err.Error(), "\n")
	if words == "stack overflow" { // wazero's own, of 84 MB, before the meter's
		return engine.StackOverflow()
	}
	if ours, ok := traps[strings.TrimPrefix(words, "wasm error: ")]; ok && strings.HasPrefix(words, "wasm error: ") {
		return engine.Trap(ours)
	}
	return fmt.Errorf("wazero failed: %w", err)
}
