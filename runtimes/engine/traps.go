package engine

import (
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest"
)

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
