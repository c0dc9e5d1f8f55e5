package wasi

import (
	"errors"
	"testing"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/engine/wazero"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// A guest that is out of fuel stops soon: what it ran beyond its last is less
// than a tenth of a millisecond's work, of the 100 ms that are promised.
func TestStopsSoon(t *testing.T) {
	const beyond = 100_000 // fuel; an engine burns 1e9 and more in a second
	e, err := wazero.New(wazero.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for name, wat := range map[string]string{
		"a loop":            `(func (export "_start") (loop (br 0)))`,
		"a long loop":       `(func (export "_start") (local i64) (loop (@repeat 5000 (local.set 0 (i64.add (local.get 0) (i64.const 1)))) (br 0)))`,
		"a tree of calls":   `(func $a (@repeat 10 (call $b))) (func $b (@repeat 10 (call $c))) (func $c (@repeat 10 (call $d))) (func $d (@repeat 10 (call $e))) (func $e (@repeat 10 (call $f))) (func $f (@repeat 10 (call $g))) (func $g (@repeat 10 nop)) (func (export "_start") (@repeat 100 (call $a)))`,
		"mutual recursion":  `(func $a (param i32) (if (local.get 0) (then (call $b (i32.sub (local.get 0) (i32.const 1)))))) (func $b (param i32) (call $a (local.get 0))) (func (export "_start") (loop (call $a (i32.const 1000)) (br 0)))`,
		"calls of the host": `(import "wasi_snapshot_preview1" "sched_yield" (func $y (result i32))) (func (export "_start") (loop (drop (call $y)) (br 0)))`,
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Compile(t.Context(), e, wasmtest.Wat(wat), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			w, err := newWorld(Input{}, runtimes.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			inst, err := c.code.New(t.Context(), w.Functions(), c.pages)
			if err != nil {
				t.Fatal(err)
			}
			defer inst.Close(t.Context())
			if err := engine.Boot(t.Context(), c.module, inst); err != nil {
				t.Fatal(err)
			}
			inst.SetFuel(1e6)
			_, err = inst.Call(t.Context(), entry)
			var halt *guest.Halt
			if !errors.As(err, &halt) || halt.Kind != runtimes.OutOfFuel {
				t.Fatalf("it ended by %v", err)
			}
			if left := inst.Fuel(); left >= 0 || left < -beyond {
				t.Errorf("stopped with %d fuel in the tank", left)
			}
		})
	}
}
