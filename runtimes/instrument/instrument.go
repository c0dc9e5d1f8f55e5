package instrument

import (
	"crypto/sha256"
	"fmt"
	"math"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// Instrument rewrites a module. It refuses, with a *wasm.Error, one that is
// malformed, over the bounds, or uses what can't be run the same everywhere.
func Instrument(bin []byte, o Options) (*Module, error) { return InstrumentCore(bin, o, nil) }

// Set is a set of functions, a bit for each index, the lowest first.
type Set []byte

// Has says whether a function is in the set.
func (s Set) Has(fn int) bool { return fn/8 < len(s) && s[fn/8]>>(fn%8)&1 != 0 }

// Add puts a function into the set, which has room for it.
func (s Set) Add(fn int) { s[fn/8] |= 1 << (fn % 8) }

// InstrumentCore rewrites a part of a module, or all of it where core is nil. A
// function outside of core sets the flag MemMissing and traps. All the rest is as
// Instrument makes it: a guest that ends without the flag has run the same code, and
// used the same fuel.
func InstrumentCore(bin []byte, o Options, core Set) (*Module, error) {
	o = o.withDefaults()
	m, err := wasm.Decode(bin, o.Bounds)
	if err != nil {
		return nil, fmt.Errorf("reading the module: %w", err)
	}
	if err := accept(m, o); err != nil {
		return nil, fmt.Errorf("instrumenting the module: %w", err)
	}
	a, err := analyse(m, o)
	if err != nil {
		return nil, fmt.Errorf("validating the module: %w", err)
	}
	w := &rewriter{a: a, m: m, o: o, core: core, g: newGlobals(m), types: newTypeTable(m)}
	if text := w.bill.types(m.Types, &o); o.bounded() && text != "" {
		return nil, fmt.Errorf("rewriting the module: %w", &wasm.Error{Kind: wasm.ErrTooMuch, Func: -1, Text: text})
	}
	code, err := w.code()
	if err != nil {
		return nil, fmt.Errorf("rewriting the module: %w", err)
	}
	out := &Module{Hash: hash(bin, o)}
	if out.Whole = out.Hash; core != nil {
		out.Hash = HashOfCore(out.Whole, core)
	}
	exports := w.exports(out)
	data, segments := w.data()
	out.Segments = segments
	out.Code = w.assemble(code, exports, data)
	return out, nil
}

// hash is over everything that the result depends on.
func hash(bin []byte, o Options) (sum [32]byte) {
	h := sha256.New()
	fmt.Fprintln(h, o.ID())
	h.Write(bin)
	h.Sum(sum[:0])
	return sum
}

// HashOfCore is the hash of the core of a module that has the other as a whole.
func HashOfCore(whole [32]byte, core Set) [32]byte {
	return sha256.Sum256(append(append([]byte("core"), whole[:]...), core...))
}

// revision changes whenever the rewriting does, so that caches notice.
const revision = "8"

// Options choose the passes. Exceptions are always lowered; the zero Options do
// that and nothing else, for tests and measurements.
type Options struct {
	Fuel   bool // meter fuel by schedule fuel/2
	Stop   bool // look at the stop flag; needs Fuel
	Depth  bool // meter the stack
	NaN    bool // make NaNs canonical
	Memory bool // hold memory.grow against the limit, table.grow against TableElements
	State  bool // export mutable globals and memory, take out segments and start

	Bounds wasm.Bounds // of the module that comes in

	// OutputBytes bounds the code that comes out (default 512 MiB).
	OutputBytes int

	// CompileSteps bounds what the module takes to compile, CompileBytes what one
	// function of it does, as cost.go counts them (default 1,000,000,000 and 512 MiB;
	// negative: no bound, for a module that is trusted).
	CompileSteps, CompileBytes int64

	// TableElements is how far all tables together may grow (default 1,000,000).
	TableElements int

	// LowSlots and LowPointer are for a guest that keeps a stack in its memory and
	// looks how much of it is left, but not how much of the metered one (0: none).
	// A function that is entered with fewer than LowSlots left, of Depth, runs with
	// the guest's stack pointer (its global 0) at LowPointer, unless it is below
	// already: there the guest sees the end of its stack, and can do what it does
	// then. It uses the same fuel and the same slots.
	LowSlots   uint32
	LowPointer uint32

	// FrameSlots is what a frame costs beside its parameters, locals and
	// operands, in slots of 8 bytes (default 4).
	FrameSlots uint32

	// chargeChecks charges what the lowering adds for free (the look at the
	// exception flag after a call, the or of a compare), as an engine does that
	// meters the lowered module; for comparison with one.
	chargeChecks bool

	// flat charges one for a bulk operation, whatever its length, and for what
	// leaves compiled code, as wasmtime 44 does.
	flat bool
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
	if o.CompileSteps == 0 {
		o.CompileSteps = 1_000_000_000
	}
	if o.CompileBytes == 0 {
		o.CompileBytes = 512 << 20
	}
	o.Bounds = o.Bounds.WithDefaults()
	return o
}

// bounded says whether it matters what the module takes to compile.
func (o *Options) bounded() bool { return o.CompileSteps > 0 && o.CompileBytes > 0 }

// ID names what the rewriting does under these options, whatever the module:
// for the key of a rewritten module in a cache. Bounds decide what is refused,
// and change nothing of what is not.
func (o Options) ID() string {
	o = o.withDefaults()
	o.Bounds, o.OutputBytes, o.CompileSteps, o.CompileBytes = wasm.Bounds{}, 0, 0, 0
	return fmt.Sprintf("%s %s %+v", ScheduleID, revision, o)
}

// ScheduleID names the fuel schedule. It is part of every record's identity:
// a change of any cost is a new schedule. fuel/2 is:
//
//   - 0 for nop, drop, block, loop, else, end, return, unreachable; 1 for every
//     other operator; 1 on entering a function that the module defines.
//   - ref.func, table.init, elem.drop and data.drop cost 200 where others cost 1:
//     engines leave compiled code for them.
//   - Bulk operations on memory and tables, and the grow operators, add their
//     length: bytes, elements, pages; charged before they start.
//   - throw costs 3, with a payload 4; throw_ref 12. A try_table costs nothing,
//     and 1 when its body runs to its end. An exception that comes to it costs
//     4 for each clause with a tag that is looked at; 3 where it is caught, 1
//     more with a payload, 7 more with a reference; 1 to go on to the next
//     handler; in a function that it leaves, 1 for each of its results.
//     To look for an exception after a call is free.
//   - Code that can't be reached costs nothing. Host calls charge for themselves.
const ScheduleID = "fuel/2"

// What the instrumented module exports besides its own names. A module that
// already exports a name with the prefix "assay." is refused.
const (
	ExportFuel       = "assay.fuel"        // global i64 mut: fuel left; below 0 the tank is empty
	ExportStop       = "assay.stop"        // global i64 mut: 0, or StopNow to end the guest at its next check
	ExportDepth      = "assay.depth"       // global i64 mut: stack slots left; below 0 it overflowed
	ExportTag        = "assay.et"          // global i32 mut: 0, or tag + 1 of an exception in flight
	ExportPayload    = "assay.ev"          // global i32 mut: its payload
	ExportMemLimit   = "assay.mem_limit"   // global i32 mut: memory.grow past so many pages is refused
	ExportMemRefused = "assay.mem_refused" // global i32 mut: MemRefused and MemStarved, set by memory.grow
	ExportStart      = "assay.start"       // function [] -> []: the module's start function, if it had one
	exportMemory     = "assay.memory"      // the memory, where the module did not export one itself
	ExportGlobal     = "assay.g"           // + index: every mutable global that the module defines
)

// Flags of the global ExportMemRefused.
const (
	MemRefused = 1 // a growth was refused by the limit or the memory's own maximum
	MemStarved = 2 // a growth within both failed: the host has no memory
	MemMissing = 4 // a function outside of the core was called, whose index follows at missingShift
)

const missingShift = 3

// Missing is the function that a guest of a core missed, by the global
// ExportMemRefused; -1 for none.
func Missing(flags uint64) int {
	if flags&MemMissing == 0 {
		return -1
	}
	return int(uint32(flags) >> missingShift)
}

// StopNow in the stop global ends the guest. A check is one comparison of the
// meters with that global, so nothing but the largest value stops for sure.
const StopNow = math.MaxInt64

// Segment is an active data segment, taken out of the module so that a new
// instance can start from an image instead.
type Segment struct {
	Offset uint32
	Data   []byte
}

// Module is an instrumented module and what a host must know to run it. The
// host, after instantiating: checks and copies Segments into memory (or maps
// an image that holds them), sets the globals, calls Start.
type Module struct {
	Code     []byte    // the binary that an engine compiles
	Segments []Segment // in the module's order; bounds are the host's to check
	Memory   string    // export name of the memory; "" when there is none
	Globals  []string  // export names of all mutable globals that hold guest state, sorted by index
	Start    string    // export name of the start function; "" when there is none
	Hash     [32]byte  // the key of compiled code: Whole, or HashOfCore
	Whole    [32]byte  // sha-256 of the module that came in and of Options: what outcomes depend on
}

// WithoutCode is m but for the code, which nobody needs once it is compiled.
func (m *Module) WithoutCode() *Module {
	about := *m
	about.Code = nil
	return &about
}
