package wasi_test

import (
	"errors"
	"testing"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine/wazero"
	"github.com/assay-dev/assay/runtimes/wasi"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// FuzzCommand: any bytes are a module that is refused, or a command that runs to
// an outcome. What we accept the engine must accept, whatever it does then.
func FuzzCommand(f *testing.F) {
	for _, wat := range []string{
		echo,
		`(func (export "_start") (loop (br 0)))`,
		`(func $f (export "_start") (local i64 f32) (call $f))`,
		`(memory 1) (func (export "_start") (drop (memory.grow (i32.const 1))) (memory.fill (i32.const 0) (i32.const 1) (i32.const 70000)))`,
		`(table 2 funcref) (elem (i32.const 0) $f) (func $f (export "_start") (call_indirect (i32.const 1)))`,
		`(func (export "_start") (local $z f64) (drop (i64.trunc_f64_s (f64.sqrt (f64.sub (local.get $z) (f64.const 1))))))`,
		`(global $g (mut i32) (i32.const 5)) (start $s) (func $s (global.set $g (i32.const 1))) (func (export "_start") (br_table 0 0 (global.get $g)))`,
		`(module binary "\00asm\01\00\00\00")`,
	} {
		f.Add(wasmtest.Wat(wat))
	}
	engine, err := wazero.New(wazero.Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, bin []byte) {
		c, err := wasi.Compile(t.Context(), engine, bin, nil)
		if errors.Is(err, wasi.ErrModule) {
			return
		}
		if err != nil {
			t.Fatalf("accepted, and then: %v", err)
		}
		defer c.Close()
		lim := runtimes.Limits{LoadFuel: 1e6, MemoryBytes: 4 << 20, StackSlots: 1 << 16}
		first, err := c.Run(t.Context(), wasi.Input{}, lim)
		if err != nil {
			t.Fatalf("a fault of ours: %v", err)
		}
		if again, err := c.Run(t.Context(), wasi.Input{}, lim); err != nil || again.Kind != first.Kind || again.Fuel != first.Fuel || again.Pages != first.Pages {
			t.Fatalf("%+v, then %+v, %v", first, again, err)
		}
	})
}
