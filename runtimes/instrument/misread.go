package instrument

import "github.com/assay-dev/assay/runtimes/wasm"

// misread is an instruction that wazero 1.12 may get wrong, and that is written
// in another way: a compare (see origins), or a select of type t.
type misread struct {
	at int32
	t  wasm.ValType
}

// writeAround writes the next misread instruction.
func (w *rewriter) writeAround() {
	m := w.misread[0]
	w.misread = w.misread[1:]
	if m.t != 0 {
		w.selectOf(m.t)
		return
	}
	w.upTo(w.in.End)
	w.i32(0)
	w.op(wasm.I32Or)
	w.around(2)
}

// around counts operators that are written beside the source's.
func (w *rewriter) around(n int64) {
	if w.o.chargeChecks {
		w.debt += n
	}
}

// selectOf writes a select. wazero's register allocator for amd64 does not know
// that a select of floats or vectors uses the value it falls back on, and gives
// its register away where it is short of them. So those are made of selects of
// integers. See TestSelects.
func (w *rewriter) selectOf(t wasm.ValType) {
	var toInt, ofInt wasm.Op
	var y uint32
	switch t {
	case wasm.F32:
		toInt, ofInt, y = wasm.I32OfF32, wasm.F32OfI32, w.local(&w.temps.f32, wasm.F32)
	case wasm.F64:
		toInt, ofInt, y = wasm.I64OfF64, wasm.F64OfI64, w.local(&w.temps.f64, wasm.F64)
	case wasm.V128:
	default:
		return
	}
	w.replace(&w.in)
	c := w.local(&w.temps.i32, wasm.I32)
	w.opIndex(wasm.LocalSet, c)
	if t == wasm.V128 {
		w.i64(-1)
		w.i64(0)
		w.opIndex(wasm.LocalGet, c)
		w.op(wasm.Select, wasm.I64x2Splat, wasm.V128Bitselect)
		w.around(6)
		return
	}
	w.opIndex(wasm.LocalSet, y)
	w.op(toInt)
	w.opIndex(wasm.LocalGet, y)
	w.op(toInt)
	w.opIndex(wasm.LocalGet, c)
	w.op(wasm.Select, ofInt)
	w.around(7)
}
