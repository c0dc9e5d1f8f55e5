package engine

import (
	"context"

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
	Compile(ctx context.Context, m *instrument.Module, progress Progress) (Code, error)
	// Load takes code from the cache by the hash of its module, which needs not
	// be at hand: most of a warm start is saved that way. A miss is
	// cache.ErrMiss, and then it takes Compile. The Module of what was loaded
	// has neither Code nor Segments, so it starts from images only.
	Load(ctx context.Context, hash [32]byte, progress Progress) (Code, error)
	Close() error
}

// Progress is told what takes long: total is 0 when it isn't known.
type Progress func(stage string, done, total int64)

// Stages that Compile and Load report.
const (
	StageWait    = "wait for another process to compile"
	StageCompile = "compile"
	StageLoad    = "load compiled code"
)

// OrSilent is p, or what tells nobody where p is nil.
func (p Progress) OrSilent() Progress {
	if p == nil {
		return func(string, int64, int64) {}
	}
	return p
}

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
	// exception: uncaught), or ErrInterrupted, or a fault of ours. A ctx that
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
