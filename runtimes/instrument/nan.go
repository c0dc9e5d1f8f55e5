package instrument

import (
	"math"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// The canonical NaNs: positive, quiet, no payload.
const (
	nan32 = 0x7fc00000
	nan64 = 0x7ff8000000000000
)

// canonical makes the value on top of the stack canonical if it is a NaN: if
// x != x it is replaced. Not by a select of floats; see selectOf.
func (w *rewriter) canonical(kind wasm.NaN) {
	switch kind {
	case wasm.NaNF32:
		w.unlessNaN(w.local(&w.temps.f32, wasm.F32), wasm.F32Ne, func() { w.f32(math.Float32frombits(nan32)) })
	case wasm.NaNF64:
		w.unlessNaN(w.local(&w.temps.f64, wasm.F64), wasm.F64Ne, func() { w.f64(math.Float64frombits(nan64)) })
	case wasm.NaNF32x4:
		w.lanes(func() { w.f32(math.Float32frombits(nan32)) }, wasm.F32x4Splat, wasm.F32x4Eq)
	case wasm.NaNF64x2:
		w.lanes(func() { w.f64(math.Float64frombits(nan64)) }, wasm.F64x2Splat, wasm.F64x2Eq)
	}
}

func (w *rewriter) unlessNaN(x uint32, ne wasm.Op, nan func()) {
	w.opIndex(wasm.LocalTee, x)
	w.opIndex(wasm.LocalGet, x)
	w.op(ne)
	w.open(wasm.If, 0)
	nan()
	w.opIndex(wasm.LocalSet, x)
	w.end()
	w.opIndex(wasm.LocalGet, x)
}

// lanes does so for each lane of a vector: the mask of equal lanes chooses.
func (w *rewriter) lanes(nan func(), splat, eq wasm.Op) {
	x := w.local(&w.temps.v128, wasm.V128)
	w.opIndex(wasm.LocalTee, x)
	nan()
	w.op(splat)
	w.opIndex(wasm.LocalGet, x)
	w.opIndex(wasm.LocalGet, x)
	w.op(eq)
	w.op(wasm.V128Bitselect)
}
