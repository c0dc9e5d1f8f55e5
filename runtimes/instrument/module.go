package instrument

import "math"

// ScheduleID names the fuel schedule. It is part of every record's identity:
// a change of any cost is a new schedule. fuel/1 is:
//
//   - 0 for nop, drop, block, loop, else, end, return, unreachable; 1 for every
//     other operator; 1 on entering a function that the module defines.
//   - Bulk operations on memory and tables, and the grow operators, add their
//     length: bytes, elements, pages; charged before they start.
//   - throw costs 3, with a payload 4; throw_ref 12. A try_table costs nothing,
//     and 1 when its body runs to its end. An exception that comes to it costs
//     4 for each clause with a tag that is looked at; 3 where it is caught, 1
//     more with a payload, 7 more with a reference; 1 to go on to the next
//     handler; in a function that it leaves, 1 for each of its results.
//     To look for an exception after a call is free.
//   - Code that can't be reached costs nothing. Host calls charge for themselves.
const ScheduleID = "fuel/1"

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
	ExportMemory     = "assay.memory"      // the memory, where the module did not export one itself
	ExportGlobal     = "assay.g"           // + index: every mutable global that the module defines
)

// Flags of the global ExportMemRefused.
const (
	MemRefused = 1 // a growth was refused by the limit or the memory's own maximum
	MemStarved = 2 // a growth within both failed: the host has no memory
)

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
	Hash     [32]byte  // sha-256 of the module that came in and of Options: the key of every cache
}

// WithoutCode is m but for the code, which nobody needs once it is compiled.
func (m *Module) WithoutCode() *Module {
	about := *m
	about.Code = nil
	return &about
}
