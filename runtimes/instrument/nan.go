package instrument

import (
	"math"

	"assay/runtimes/wasm"
)

// The canonical NaNs: positive, quiet, no payload.
const (
	nan32 = 0x7fc00000
	nan64 = 0x7ff8000000000000
)

// canonical makes the value on top of the stack canonical if it is a NaN:
// select(x, NaN, x == x).
func (w *rewriter) canonical(kind wasm.NaN) {
	switch kind {
	case wasm.NaNF32:
		x := w.local(&w.temps.f32, wasm.F32)
		w.opIndex(wasm.LocalTee, x)
		w.f32(math.Float32frombits(nan32))
		w.same(x, wasm.F32Eq)
		w.op(wasm.Select)
	case wasm.NaNF64:
		x := w.local(&w.temps.f64, wasm.F64)
		w.opIndex(wasm.LocalTee, x)
		w.f64(math.Float64frombits(nan64))
		w.same(x, wasm.F64Eq)
		w.op(wasm.Select)
	case wasm.NaNF32x4:
		w.lanes(func() { w.f32(math.Float32frombits(nan32)) }, wasm.F32x4Splat, wasm.F32x4Eq)
	case wasm.NaNF64x2:
		w.lanes(func() { w.f64(math.Float64frombits(nan64)) }, wasm.F64x2Splat, wasm.F64x2Eq)
	}
}

func (w *rewriter) same(x uint32, eq wasm.Op) {
	w.opIndex(wasm.LocalGet, x)
	w.opIndex(wasm.LocalGet, x)
	w.op(eq)
}

// lanes does so for each lane of a vector: the mask of equal lanes chooses.
func (w *rewriter) lanes(nan func(), splat, eq wasm.Op) {
	x := w.local(&w.temps.v128, wasm.V128)
	w.opIndex(wasm.LocalTee, x)
	nan()
	w.op(splat)
	w.same(x, eq)
	w.op(wasm.V128Bitselect)
}
