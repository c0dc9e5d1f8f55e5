package enginetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/instrument"
)

// Conform holds an engine to the promises of engine.Engine and
// engine.Instance. Open makes one that keeps code in a cache, which may be nil.
func Conform(t *testing.T, open func(cache.Store) (engine.Engine, error)) {
	s := suite{open}
	for name, test := range map[string]func(*testing.T){
		"Ends":                           s.testEnds,
		"BurnToTheLast":                  s.testBurnToTheLast,
		"HostCallParametersAndResult":    s.testHostCallParametersAndResult,
		"HostCallCharges":                s.testHostCallCharges,
		"EmptyTankAtHostCall":            s.testEmptyTankAtHostCall,
		"FillingsWithinHostCalls":        s.testFillingsWithinHostCalls,
		"Nested":                         s.testNested,
		"NestedIsPaidFor":                s.testNestedIsPaidFor,
		"NestedErrorsComeThrough":        s.testNestedErrorsComeThrough,
		"StackIsSetForEachCall":          s.testStackIsSetForEachCall,
		"InterruptEndsALoop":             s.testInterruptEndsALoop,
		"InterruptEndsOneGuestOnly":      s.testInterruptEndsOneGuestOnly,
		"InterruptReachesANestedCall":    s.testInterruptReachesANestedCall,
		"PanicOfAHostFunctionIsOurFault": s.testPanicOfAHostFunctionIsOurFault,
		"ImportsMustFit":                 s.testImportsMustFit,
		"MemoryOfANewInstance":           s.testMemoryOfANewInstance,
		"CompiledCodeIsKept":             s.testCompiledCodeIsKept,
		"DamagedCodeIsNeverRun":          s.testDamagedCodeIsNeverRun,
		"StrangeFilesAreRemoved":         s.testStrangeFilesAreRemoved,
		"UnusableCache":                  s.testUnusableCache,
		"CompileIsCancelled":             s.testCompileIsCancelled,
		"SeveralProcesses":               s.testSeveralProcesses,
	} {
		t.Run(name, test)
	}
}

type suite struct {
	open func(cache.Store) (engine.Engine, error)
}

var bg = context.Background()

// noAsk and noStop are imports that a test doesn't expect to be called.
func noAsk(guest.Caller, []uint64) (uint64, error) { return 0, errors.New("unexpected call of ask") }
func noStop() error                                { return errors.New("unexpected call of stop") }

func (s suite) engine(t testing.TB, store cache.Store) engine.Engine {
	t.Helper()
	e, err := s.open(store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func (s suite) compile(t testing.TB) engine.Code {
	t.Helper()
	code, err := s.engine(t, nil).Compile(bg, Module(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := code.Close(); err != nil {
			t.Error(err)
		}
	})
	return code
}

// guest is an instance with a thousand of fuel.
func (s suite) guest(t testing.TB, ask func(guest.Caller, []uint64) (uint64, error), stop func() error) engine.Instance {
	t.Helper()
	return newGuest(t, s.compile(t), ask, stop)
}

func newGuest(t testing.TB, code engine.Code, ask func(guest.Caller, []uint64) (uint64, error), stop func() error) engine.Instance {
	t.Helper()
	inst, err := code.New(bg, Functions(ask, stop), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := inst.Close(bg); err != nil {
			t.Error(err)
		}
	})
	inst.SetFuel(1000)
	return inst
}

// A few words of the binary format, enough to spell a module out by hand.

type bytecode []byte

func cat(parts ...any) bytecode {
	var out bytecode
	for _, p := range parts {
		switch v := p.(type) {
		case int:
			out = append(out, byte(v))
		case string:
			out = append(out, uleb(len(v))...)
			out = append(out, v...)
		case bytecode:
			out = append(out, v...)
		}
	}
	return out
}

func uleb(n int) bytecode {
	var out bytecode
	for ; n >= 0x80; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return append(out, byte(n))
}

func sleb(n int64) bytecode {
	var out bytecode
	for {
		b := byte(n & 0x7f)
		n >>= 7
		if (n == 0 && b&0x40 == 0) || (n == -1 && b&0x40 != 0) {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}

func vector(items ...bytecode) bytecode {
	out := uleb(len(items))
	for _, it := range items {
		out = append(out, it...)
	}
	return out
}

func section(id int, content bytecode) bytecode { return cat(id, uleb(len(content)), content) }

const (
	i32, i64, f64 = 0x7f, 0x7e, 0x7c
	void          = 0x40

	unreachable, loop, if_, end, br, call, callIndirect = 0x00, 0x03, 0x04, 0x0b, 0x0c, 0x10, 0x11
	localGet, globalGet, globalSet                      = 0x20, 0x23, 0x24
	i32Load, i32Store, memoryGrow, i32Const, i64Const   = 0x28, 0x36, 0x40, 0x41, 0x42
	i64LtS, i32Add, i32DivS, i64Sub, i32TruncF64S       = 0x53, 0x6a, 0x6d, 0x7d, 0xaa
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
