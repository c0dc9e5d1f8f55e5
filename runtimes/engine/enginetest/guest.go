package enginetest

import (
	"crypto/sha256"

	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/instrument"
)

// Globals of the guest, by index.
const (
	gFuel = iota
	gStop
	gDepth
	gTag
	gPayload
	gLimit
	gRefused
	gState
)

// function is one function of the guest; its index is its place in the list,
// after the two imports.
type function struct {
	name            string
	params, results bytecode
	body            bytecode
}

var functions = []function{
	{"spin", nil, nil, cat(loop, void, burn(cat(i64Const, 1)), br, 0, end)},
	{"burn", cat(i64), nil, cat(globalGet, gFuel, localGet, 0, i64Sub, globalSet, gFuel)},
	{"add", cat(i32, i32), cat(i32), cat(localGet, 0, localGet, 1, i32Add)},
	{"trap", nil, nil, cat(unreachable)},
	{"div", cat(i32, i32), cat(i32), cat(localGet, 0, localGet, 1, i32DivS)},
	{"load", cat(i32), cat(i32), cat(localGet, 0, i32Load, 2, 0)},
	{"store", cat(i32, i32), nil, cat(localGet, 0, localGet, 1, i32Store, 2, 0)},
	{"indirect", cat(i32), nil, cat(localGet, 0, callIndirect, 0, 0)},
	{"trunc", cat(f64), cat(i32), cat(localGet, 0, i32TruncF64S)},
	{"grow", cat(i32), cat(i32), cat(localGet, 0, memoryGrow, 0)},
	{"overflow", nil, nil, cat(i64Const, sleb(-1), globalSet, gDepth, unreachable)},
	{"throw", nil, nil, cat(i32Const, 1, globalSet, gTag)},
	{"bump", nil, cat(i32), cat(globalGet, gState, i32Const, 1, i32Add, globalSet, gState, globalGet, gState)},
	{"ask", cat(i32, i32), cat(i32), cat(localGet, 0, localGet, 1, call, 0)},
	{"stop", nil, nil, cat(call, 1)},
	{"sink", cat(i64), nil, cat(globalGet, gDepth, localGet, 0, i64Sub, globalSet, gDepth)},
	{"recurse", cat(i32), cat(i32), cat(localGet, 0, call, 2+16)},
	{"announce", nil, nil, cat(call, 1, loop, void, burn(cat(i64Const, 1)), br, 0, end)},
	{"begin", nil, nil, cat(i32Const, 0, i32Const, 42, i32Store, 2, 0, burn(cat(i64Const, 7)))},
}

// burn takes fuel and stops the guest where the tank or the host says so.
func burn(n bytecode) bytecode {
	return cat(globalGet, gFuel, n, i64Sub, globalSet, gFuel,
		globalGet, gFuel, globalGet, gStop, i64LtS, if_, void, unreachable, end)
}

// Module is the guest: one page of memory growing to 100, two imports
// (Functions gives them), a table, a state global of value 5, a data segment
// at 16 and a start function that stores 42 at 0 for 7 fuel.
func Module() *instrument.Module {
	code := assemble()
	return &instrument.Module{
		Code:     code,
		Segments: []instrument.Segment{{Offset: 16, Data: []byte("segment")}},
		Memory:   "memory",
		Globals:  []string{instrument.ExportGlobal + "7"},
		Start:    instrument.ExportStart,
		Hash:     sha256.Sum256(code),
	}
}

// Functions are the guest's imports: "ask" calls env.ask with two words,
// "stop" calls env.stop,
// and so does "announce", which then spins.
func Functions(ask func(c guest.Caller, params []uint64) (uint64, error), stop func() error) []guest.Function {
	return []guest.Function{
		{Module: "env", Name: "ask", Params: []guest.ValType{guest.I32, guest.I32}, Results: []guest.ValType{guest.I32}, Call: ask},
		{Module: "env", Name: "stop", Call: func(guest.Caller, []uint64) (uint64, error) { return 0, stop() }},
		{Module: "env", Name: "unused", Call: nil},
	}
}

func assemble() bytecode {
	types := []bytecode{cat(0x60, 0, 0), cat(0x60, vector(cat(i32), cat(i32)), vector(cat(i32)))}
	exports := []bytecode{cat("memory", 2, 0)}
	var indexes, bodies []bytecode
	for n, f := range functions {
		types = append(types, cat(0x60, uleb(len(f.params)), f.params, uleb(len(f.results)), f.results))
		indexes = append(indexes, uleb(n+2))
		name := f.name
		if name == "begin" {
			name = instrument.ExportStart
		}
		exports = append(exports, cat(name, 0, uleb(n+2)))
		body := cat(0, f.body, end)
		bodies = append(bodies, cat(uleb(len(body)), body))
	}
	globals := []bytecode{}
	for n, g := range []struct {
		typ  int
		init int64
		name string
	}{
		{i64, 0, instrument.ExportFuel}, {i64, 0, instrument.ExportStop}, {i64, 0, instrument.ExportDepth},
		{i32, 0, instrument.ExportTag}, {i32, 0, instrument.ExportPayload},
		{i32, 0, instrument.ExportMemLimit}, {i32, 0, instrument.ExportMemRefused},
		{i32, 5, instrument.ExportGlobal + "7"},
	} {
		constant := map[int]int{i32: i32Const, i64: i64Const}[g.typ]
		globals = append(globals, cat(g.typ, 1, constant, sleb(g.init), end))
		exports = append(exports, cat(g.name, 3, uleb(n)))
	}
	return cat(bytecode("\x00asm\x01\x00\x00\x00"),
		section(1, vector(types...)),
		section(2, vector(cat("env", "ask", 0, 1), cat("env", "stop", 0, 0))),
		section(3, vector(indexes...)),
		section(4, vector(cat(0x70, 0, 3))),
		section(5, vector(cat(1, uleb(1), uleb(100)))),
		section(6, vector(globals...)),
		section(7, vector(exports...)),
		section(9, vector(cat(0, i32Const, 0, end, vector(uleb(2+3), uleb(2+2))))),
		section(10, vector(bodies...)))
}
