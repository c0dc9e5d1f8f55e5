package instrument

import (
	"fmt"
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// odd NaNs, as bits, in the shapes an operator may pass on.
const (
	odd32 = "f32.const bits:0xffa00123"
	odd64 = "f64.const bits:0xfff4000000000123"
)

// TestNaNsAreCanonical runs every operator that can make a NaN on odd ones: the
// bits that come out are the canonical NaN's.
func TestNaNsAreCanonical(t *testing.T) {
	const (
		vector32 = "v128.const 0xffa00123ffa00123 0xffa00123ffa00123"
		vector64 = "v128.const 0xfff4000000000123 0xfff4000000000123"
	)
	mc := newMachine(t)
	for op := wasm.Op(0); op < wasm.PrefixFE; op++ {
		info := op.Info()
		if info.NaN == wasm.NaNNone {
			continue
		}
		t.Run(info.Name, func(t *testing.T) {
			code := ""
			for _, p := range info.Params[:info.NParams] {
				switch {
				case p == wasm.F32:
					code += odd32 + " "
				case p == wasm.F64:
					code += odd64 + " "
				case operands32(op, info):
					code += vector32 + " "
				default:
					code += vector64 + " "
				}
			}
			m := wasmtest.New()
			m.Memory(1, 1)
			m.ExportFunc("f", m.Func("", "i64 i64", "", fmt.Sprintf("i32.const 0 %s %s %s i32.const 0 i64.load i32.const 0 i64.load [0 8]",
				code, info.Name, map[wasm.NaN]string{
					wasm.NaNF32: "f32.store", wasm.NaNF64: "f64.store", wasm.NaNF32x4: "v128.store", wasm.NaNF64x2: "v128.store",
				}[info.NaN])))
			res, trap := mc.load(t, instrumented(t, m).Code, nil).call("f")
			if trap != "" {
				t.Fatal(trap)
			}
			want := map[wasm.NaN][2]uint64{
				wasm.NaNF32:   {nan32, 0},
				wasm.NaNF64:   {nan64, 0},
				wasm.NaNF32x4: {nan32<<32 | nan32, nan32<<32 | nan32},
				wasm.NaNF64x2: {nan64, nan64},
			}[info.NaN]
			if info.Name == "f32x4.demote_f64x2_zero" {
				want[1] = 0
			}
			if [2]uint64(res) != want {
				t.Errorf("%x, want %x", res, want)
			}
		})
	}
}

// operands32 says whether a vector operator takes 32-bit lanes.
func operands32(op wasm.Op, info *wasm.Info) bool {
	promote, _ := wasmtest.OpNamed("f64x2.promote_low_f32x4")
	demote, _ := wasmtest.OpNamed("f32x4.demote_f64x2_zero")
	return op == promote || info.NaN == wasm.NaNF32x4 && op != demote
}

// TestNumbersStay: what is no NaN goes through unchanged, lane by lane.
func TestNumbersStay(t *testing.T) {
	m := wasmtest.New()
	m.ExportFunc("f", m.Func("f64 f64", "f64", "", "local.get 0 local.get 1 f64.mul"))
	m.ExportFunc("lanes", m.Func("", "i64 i64", "v128", `
		v128.const 0x4000000000000000 0xfff4000000000123 v128.const 0x4008000000000000 0x4000000000000000 f64x2.mul local.tee 0
		i64x2.extract_lane 0 local.get 0 i64x2.extract_lane 1`))
	in := newMachine(t).load(t, instrumented(t, m).Code, nil)
	const negZero, one = 1 << 63, 0x3ff0000000000000
	if res, _ := in.call("f", negZero, one); res[0] != negZero {
		t.Errorf("-0 * 1 = %x", res[0])
	}
	if res, _ := in.call("lanes"); res[0] != 0x4018000000000000 || res[1] != nan64 {
		t.Errorf("lanes %x", res)
	}
}
