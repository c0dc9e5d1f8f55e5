package wasm_test

import (
	"errors"
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// FuzzDecode feeds the reader and the validator anything: what they say is nil
// or an *Error, and never a panic.
func FuzzDecode(f *testing.F) {
	m := wasmtest.New()
	m.Import("env", "f", "i32", "i64")
	m.Memory(1, 2)
	m.Table("funcref", 2, 4)
	m.Tag("i32")
	m.Global("i32", true, "i32.const 3")
	fn := m.Func("i32", "i32", "i64 exnref v128", `
		block (-> i32 exnref) try_table i32 [catch_ref 0 0] local.get 0 call 0 i32.wrap_i64 end return end
		throw_ref`)
	m.Func("", "f64", "", "i32.const 2 br_table [0 0 0]  f64.const NaN return")
	m.ExportFunc("f", fn)
	m.Elem(0, fn)
	m.Data(4, []byte("data"))
	m.Custom("name", []byte{1, 2, 3})
	f.Add(m.Bytes())
	f.Add([]byte("\x00asm\x01\x00\x00\x00"))
	small := wasm.Bounds{Bytes: 1 << 20, Locals: 1000, Nesting: 100, Work: 1 << 20}
	f.Fuzz(func(t *testing.T, bin []byte) {
		var e *wasm.Error
		if err := validate(bin, small); err != nil && !errors.As(err, &e) {
			t.Fatalf("an error of type %T: %v", err, err)
		}
	})
}
