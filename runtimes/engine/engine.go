package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/instrument"
)

// Engine compiles instrumented modules. Two of them exist (wazero and, behind
// the build tag wasmtime, wasmtime-go); outcomes, fuel and memory are the same
// bytes on both.
type Engine interface {
	// Name and version, as in "wazero/1.12.0". Not part of a record's identity.
	Name() string
	// Compile compiles m, or takes it from the cache. Long work reports to
	// progress, which may be nil.
	Compile(ctx context.Context, m *instrument.Module, tell progress.Func) (Code, error)
	// Load takes code from the cache by the hash of its module, which needs not
	// be at hand: most of a warm start is saved that way. A miss is
	// cache.ErrMiss, and then it takes Compile. The Module of what was loaded
	// has neither Code nor Segments, so it starts from images only.
	Load(ctx context.Context, hash [32]byte, tell progress.Func) (Code, error)
	Close() error
}

// Stages that Compile and Load report.
const (
	StageWait    = "wait for another process to compile"
	StageCompile = "compile"
	StageLoad    = "load compiled code"
)

// Code is a compiled module, shared by any number of instances and goroutines.
type Code interface {
	Module() *instrument.Module // without its Code, which is not needed any more
	// New makes an instance without data segments and without running the start
	// function: Boot, or a snapshot, does that. Its memory has so many pages, or
	// the module's own minimum where that is more.
	New(ctx context.Context, imports []guest.Function, pages uint32) (Instance, error)
	Close() error
}

// MaxStack is the most stack that a guest can have, in slots of 8 bytes: every
// engine has room for what they stand for, so that the meter always comes first.
const MaxStack = 8 << 20

// Instance is one guest. It is used by one goroutine at a time; only Interrupt
// may be called from another.
type Instance interface {
	// Call calls an export. The stack meter is set to limit first (SetStack);
	// the fuel is what SetFuel left. The error is nil, or *guest.Exit, or
	// *guest.Halt (out_of_fuel, stack_overflow, trap with the trap's own words,
	// exception: uncaught), or ErrInterrupted, ErrMissing, or a fault of ours. A ctx that
	// is done interrupts. After any error the instance must not be called
	// again, only Reset or closed.
	Call(ctx context.Context, export string, params ...uint64) ([]uint64, error)
	// Nested calls an export from inside a host call (host_alloc). It leaves
	// fuel and stack as they are.
	Nested(ctx context.Context, export string, params ...uint64) ([]uint64, error)

	// Memory is the linear memory as it is now; nil where there is none. On
	// Linux it begins at a page of the system and never moves, so that an image
	// can be mapped over it.
	Memory() []byte
	Pages() uint32 // its size in pages of 64 KiB

	// SetFuel fills the tank, also from inside a host call; Used counts on.
	SetFuel(n uint64) // at most MaxInt64 counts
	Fuel() int64      // left; below 0 the tank is empty
	Used() uint64     // since New or SetUsed, over all fillings; a failed filling counts whole
	SetUsed(n uint64)
	SetStack(slots uint64) // at most MaxStack counts
	SetMemoryLimit(pages uint32)
	MemoryRefused() bool // a memory.grow was refused since the last Reset

	// Globals copies the guest-state globals in Module.Globals' order.
	Globals() []uint64
	// Reset makes an instance whose memory has been put back ready to be called
	// again, however its last call ended: it sets the guest-state globals and
	// clears the tank, Used, an exception in flight, the refusal and the stop
	// flag. Stack and memory limit are as New left them: 1<<20 slots, no limit
	// below the module's own.
	Reset(globals []uint64)

	// Interrupt ends a running guest within milliseconds; the call returns
	// ErrInterrupted: never a verdict. It lasts until Reset.
	Interrupt()
	Close(ctx context.Context) error
}

// Import is one function that a module imports.
type Import struct {
	Module, Name    string
	Params, Results []guest.ValType
}

// CheckImports refuses imports that no host function can serve. One function may
// be imported more than once, as Go's linker writes it, but as one type.
func CheckImports(imports []Import) error {
	first := map[[2]string]Import{}
	for _, im := range imports {
		id := [2]string{im.Module, im.Name}
		if f, ok := first[id]; ok && !(slices.Equal(f.Params, im.Params) && slices.Equal(f.Results, im.Results)) {
			return fmt.Errorf("%s.%s is imported as two types", im.Module, im.Name)
		}
		first[id] = im
	}
	return nil
}

// Served are the host functions behind a module's imports, in their order.
type Served []served

type served struct {
	call            func(c guest.Caller, params []uint64) (uint64, error)
	params, results []uint64 // masks
}

// Bind finds the function for each import.
func Bind(imports []Import, functions []guest.Function) (Served, error) {
	byName := make(map[[2]string]*guest.Function, len(functions))
	for i := range functions {
		f := &functions[i]
		byName[[2]string{f.Module, f.Name}] = f
	}
	out := make(Served, len(imports))
	for i, im := range imports {
		f, ok := byName[[2]string{im.Module, im.Name}]
		if !ok {
			return nil, fmt.Errorf("the module imports %s.%s, which this host doesn't have", im.Module, im.Name)
		}
		if !slices.Equal(im.Params, f.Params) || !slices.Equal(im.Results, f.Results) {
			return nil, fmt.Errorf("the module imports %s.%s with another type than this host's", im.Module, im.Name)
		}
		out[i] = served{call: f.Call, params: masks(f.Params), results: masks(f.Results)}
	}
	return out, nil
}

// masks are the bits of a word that a value of each type fills.
func masks(types []guest.ValType) []uint64 {
	out := make([]uint64, len(types))
	for i, t := range types {
		out[i] = 1<<64 - 1
		if t == guest.I32 || t == guest.F32 {
			out[i] = 1<<32 - 1
		}
	}
	return out
}

// ErrInterrupted is what a call returns after Interrupt: the host gave up on
// it, which says nothing about the guest.
var ErrInterrupted = errors.New("guest interrupted by the host")

// ErrStarved is what a call returns in which the host had no memory for a guest
// that was within its limit: whatever the guest made of that is no outcome.
var ErrStarved = errors.New("the host had no memory left for the guest")

// ErrMissing is what a call returns in which a guest of a module's core came to a
// function outside of it. Whatever it did is no outcome: the whole module says.
var ErrMissing = errors.New("the program needs a function outside of the core")

// Words for the traps that a guest can cause, the same on every engine.
const (
	TrapUnreachable       = "unreachable"
	TrapMemoryBounds      = "out of bounds memory access"
	TrapTable             = "invalid table access"
	TrapIndirectCallType  = "indirect call type mismatch"
	TrapDivideByZero      = "integer divide by zero"
	TrapIntegerOverflow   = "integer overflow"
	TrapInvalidConversion = "invalid conversion to integer"
)

// Trap is the halt of a guest that trapped.
func Trap(words string) *guest.Halt {
	return &guest.Halt{Kind: runtimes.Trap, Detail: words}
}

// StackOverflow is the halt of a guest that went deeper than its meter, or the
// engine, allows.
func StackOverflow() *guest.Halt {
	return &guest.Halt{Kind: runtimes.StackOverflow, Detail: "call stack used up"}
}

// Meters are the globals by which a guest that stopped says why.
type Meters struct {
	Fuel, Depth int64
	Tag         uint32
}

// Halt says what the meters of a guest that stopped or returned mean; nil when
// they say nothing.
func (m Meters) Halt() *guest.Halt {
	switch {
	case m.Fuel < 0:
		return &guest.Halt{Kind: runtimes.OutOfFuel, Detail: "fuel used up"}
	case m.Depth < 0:
		return StackOverflow()
	case m.Tag != 0:
		return &guest.Halt{Kind: runtimes.Exception, Detail: "uncaught"}
	}
	return nil
}

// Halted is the outcome of a guest that was halted. refused says that memory was
// refused to it before: then that is what its trap comes from.
func Halted(halt *guest.Halt, refused bool) runtimes.Outcome {
	switch {
	case halt.Kind == runtimes.Trap && refused:
		return OutOfMemory()
	case halt.Kind == runtimes.Exception: // of WebAssembly
		return runtimes.Outcome{Kind: runtimes.Trap, Detail: "uncaught WebAssembly exception"}
	}
	return runtimes.Outcome{Kind: halt.Kind, Detail: halt.Detail}
}

// OutOfMemory is the outcome of a guest that ended because memory was refused.
func OutOfMemory() runtimes.Outcome {
	return runtimes.Outcome{Kind: runtimes.OutOfMemory, Detail: "memory was refused and the program ended"}
}
