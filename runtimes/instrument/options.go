package instrument

import "github.com/assay-dev/assay/runtimes/wasm"

// Options choose the passes. Exceptions are always lowered; the zero Options do
// that and nothing else, for tests and measurements.
type Options struct {
	Fuel   bool // meter fuel by schedule fuel/1
	Stop   bool // look at the stop flag; needs Fuel
	Depth  bool // meter the stack
	NaN    bool // make NaNs canonical
	Memory bool // hold memory.grow against the limit, table.grow against TableElements
	State  bool // export mutable globals and memory, take out segments and start

	Bounds wasm.Bounds // of the module that comes in

	// OutputBytes bounds the code that comes out (default 512 MiB).
	OutputBytes int

	// TableElements is how far all tables together may grow (default 1,000,000).
	TableElements int

	// FrameSlots is what a frame costs beside its parameters, locals and
	// operands, in slots of 8 bytes (default 4).
	FrameSlots uint32

	// chargeChecks charges what the lowering adds for free (the look at the
	// exception flag after a call, the or of a compare), as an engine does that
	// meters the lowered module; for comparison with one.
	chargeChecks bool

	// flatBulk charges one for a bulk operation, whatever its length, as
	// wasmtime 44 does.
	flatBulk bool
}

// Default turns everything on.
func Default() Options {
	return Options{Fuel: true, Stop: true, Depth: true, NaN: true, Memory: true, State: true}
}

func (o Options) withDefaults() Options {
	if o.FrameSlots == 0 {
		o.FrameSlots = 4
	}
	if o.TableElements == 0 {
		o.TableElements = 1_000_000
	}
	if o.OutputBytes == 0 {
		o.OutputBytes = 512 << 20
	}
	o.Bounds = o.Bounds.WithDefaults()
	return o
}
