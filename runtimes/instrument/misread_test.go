package instrument

import (
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestSelects selects floats and vectors in a loop with a call, where wazero's
// compiler for amd64 forgets one of the two: a generated module showed it.
func TestSelects(t *testing.T) {
	cases := []struct{ typ, three, other, call, bits string }{
		{"f64", "f64.const 3", "local.get 1 f64.promote_f32", "local.get 1 local.get 2 call 0 drop", "i64.reinterpret_f64"},
		{"f32", "f32.const 3", "local.get 1 f32.sqrt", "local.get 2 f64.const 1 call 0 drop", "f64.promote_f32 i64.reinterpret_f64"},
		{"v128", "f64.const 3 f64x2.splat", "local.get 1 f32x4.splat", "local.get 2 f32x4.extract_lane 0 f64.const 1 call 0 drop", "i64x2.extract_lane 1"},
	}
	mc := newMachine(t)
	for _, c := range cases {
		for _, op := range []string{"select", "select_t " + c.typ} {
			t.Run(op+" of "+c.typ, func(t *testing.T) {
				m := wasmtest.New()
				m.Import("env", "see", "f32 f64", "i64")
				m.Global("i32", true, "i32.const 0")
				m.Global("i64", true, "i64.const 0")
				m.Func(c.typ+" f32", "", c.typ, `loop
					`+c.other+` local.set 2 `+c.call+`
					local.get 2 local.get 0 global.get 0 `+op+" "+c.bits+` global.set 1
					global.get 0 br_if 0
				end`)
				m.ExportFunc("f", m.Func("", "", "", c.three+" f32.const 0 call 1"))
				m.Export("got", wasm.KindGlobal, 1)
				in := mc.load(t, instrumented(t, m).Code, nil)
				if _, trap := in.call("f"); trap != "" || in.global("got") != 0x4008000000000000 {
					t.Errorf("%q, got the bits %x, want those of 3", trap, in.global("got"))
				}
			})
		}
	}
}
