//go:build wasmtime && cgo && linux

package wasmtime

// #include "guest.h"
import "C"

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"runtime/cgo"
	"unsafe"

	wt "github.com/bytecodealliance/wasmtime-go/v44"

	"github.com/assay-dev/assay/runtimes/engine"
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
		return nil, ended(ending)
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
// stack is the system's. A goroutine that is locked to it keeps it busy, so that
// another one runs elsewhere.
func (m *machine) run(f *function, values []uint64) *C.ending_t {
	var ending C.ending_t
	call := func() {
		C.guest_call(C.uintptr_t(m.handle), m.context, &f.c,
			(*C.uint64_t)(unsafe.Pointer(&values[0])), C.size_t(len(f.params)), C.size_t(len(f.results)), &ending)
	}
	if call(); ending.how != C.NO_STACK {
		return &ending
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if call(); ending.how == C.NO_STACK { // it was the main thread, and still is
		done := make(chan struct{})
		go func() {
			defer close(done)
			call()
		}()
		<-done
	}
	return &ending
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
		return fmt.Errorf("wasmtime needs threads with %d MiB of stack, and those of this process have less", (C.GUEST_STACK+C.HOST_STACK)>>20)
	}
	return fmt.Errorf("wasmtime failed: %s", C.GoString(&e.message[0]))
}

// serveHostCall is the Go side of every host function: the n-th of the machine
// with that handle. False ends the guest.
//
//export serveHostCall
func serveHostCall(handle, n C.uintptr_t, values *C.wasmtime_val_raw_t) C.bool {
	m := cgo.Handle(handle).Value().(*machine)
	im := &m.code.imports[n]
	raw := unsafe.Slice((*[2]uint64)(unsafe.Pointer(values)), max(len(im.Params), len(im.Results)))
	stack := make([]uint64, max(len(raw), 1))
	for i := range raw {
		stack[i] = raw[i][0]
	}
	if m.guest.Serve(int(n), stack) != nil {
		return false
	}
	for i := range im.Results {
		raw[i][0] = stack[i]
	}
	return true
}
