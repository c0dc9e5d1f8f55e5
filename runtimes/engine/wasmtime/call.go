//go:build wasmtime && cgo && linux

package wasmtime

// #include "guest.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"unsafe"

	wt "github.com/bytecodealliance/wasmtime-go/v44"

	"assay/runtimes/engine"
)

// find gives an export that Call can call.
func (m *machine) find(export string) (*function, error) {
	if f, ok := m.functions[export]; ok {
		return f, nil
	}
	fn := m.instance.GetFunc(m.store, export)
	if fn == nil {
		return nil, fmt.Errorf("the module exports no function %q", export)
	}
	t := fn.Type(m.store)
	raw := fn.AsExtern()
	f := &function{c: *(*C.wasmtime_func_t)(unsafe.Pointer(&externOf(unsafe.Pointer(&raw)).of)),
		params: kinds(t.Params()), results: kinds(t.Results())}
	for _, k := range append(f.params, f.results...) {
		if k > wt.KindF64 {
			return nil, fmt.Errorf("the export %q takes or gives what is no number", export)
		}
	}
	m.functions[export] = f
	return f, nil
}

func kinds(types []*wt.ValType) []wt.ValKind {
	out := make([]wt.ValKind, len(types))
	for i, t := range types {
		out[i] = t.Kind()
	}
	return out
}

func (m *machine) Call(_ context.Context, export string, params []uint64, _ bool) ([]uint64, error) {
	f, err := m.find(export)
	if err != nil {
		return nil, err
	}
	if len(params) != len(f.params) {
		return nil, fmt.Errorf("%q was called with %d parameters: it has %d", export, len(params), len(f.params))
	}
	values := make([]uint64, max(len(f.params), len(f.results), 1))
	copy(values, params)
	ending := m.run(f, values)
	if ending.how != C.RETURNED {
		return nil, ended(&ending)
	}
	results := values[:len(f.results)]
	for i, k := range f.results {
		if k == wt.KindI32 || k == wt.KindF32 {
			results[i] &= math.MaxUint32
		}
	}
	return results, nil
}

// run calls on a thread that has stack enough. The main thread has not: its
// stack is the system's. A goroutine that is locked to it leaves it to itself,
// so that another one runs elsewhere.
func (m *machine) run(f *function, values []uint64) C.ending_t {
	var ending C.ending_t
	call := func() {
		C.guest_call(m.c, &f.c, (*C.uint64_t)(unsafe.Pointer(&values[0])), C.size_t(len(f.params)), C.size_t(len(f.results)), &ending)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if call(); ending.how == C.NO_STACK {
		done := make(chan struct{})
		go func() {
			defer close(done)
			call()
		}()
		<-done
	}
	return ending
}

// traps are wasmtime's codes for what a guest can cause, and our words.
var traps = map[wt.TrapCode]string{
	wt.UnreachableCodeReached: engine.TrapUnreachable,
	wt.MemoryOutOfBounds:      engine.TrapMemoryBounds,
	wt.TableOutOfBounds:       engine.TrapTable,
	wt.IndirectCallToNull:     engine.TrapTable,
	wt.BadSignature:           engine.TrapIndirectCallType,
	wt.IntegerDivisionByZero:  engine.TrapDivideByZero,
	wt.IntegerOverflow:        engine.TrapIntegerOverflow,
	wt.BadConversionToInteger: engine.TrapInvalidConversion,
}

func ended(e *C.ending_t) error {
	switch e.how {
	case C.TRAPPED:
		if wt.TrapCode(e.code) == wt.StackOverflow { // wasmtime's own, before the meter's
			return engine.StackOverflow()
		}
		if words, ok := traps[wt.TrapCode(e.code)]; ok {
			return engine.Trap(words)
		}
	case C.NO_STACK:
		return errors.New("wasmtime needs threads with 260 MiB of stack, and the threads of this process have less")
	}
	return fmt.Errorf("wasmtime failed: %s", C.GoString(&e.message[0]))
}

// hostCall is the Go side of the n-th import, for every machine.
func hostCall(n int, results []*wt.ValType) func(*wt.Caller, []wt.Val) ([]wt.Val, *wt.Trap) {
	kinds := kinds(results)
	return func(caller *wt.Caller, args []wt.Val) ([]wt.Val, *wt.Trap) {
		stack := make([]uint64, max(len(args), 1))
		for i, v := range args {
			stack[i] = bits(v)
		}
		if caller.Data().(*machine).guest.Serve(n, stack) != nil {
			return nil, wt.NewTrap("host call failed")
		}
		out := make([]wt.Val, len(kinds))
		for i, k := range kinds {
			out[i] = value(k, stack[i])
		}
		return out, nil
	}
}

func bits(v wt.Val) uint64 {
	switch v.Kind() {
	case wt.KindI32:
		return uint64(uint32(v.I32()))
	case wt.KindF32:
		return uint64(math.Float32bits(v.F32()))
	case wt.KindF64:
		return math.Float64bits(v.F64())
	}
	return uint64(v.I64())
}

func value(k wt.ValKind, bits uint64) wt.Val {
	switch k {
	case wt.KindI32:
		return wt.ValI32(int32(uint32(bits)))
	case wt.KindF32:
		return wt.ValF32(math.Float32frombits(uint32(bits)))
	case wt.KindF64:
		return wt.ValF64(math.Float64frombits(bits))
	}
	return wt.ValI64(int64(bits))
}
