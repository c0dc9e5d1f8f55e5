package wasi_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/wasi"
	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// echo writes its standard input to its output, and exits with the number of
// its arguments.
const echo = `
(import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
(memory (export "memory") 1)
(global $runs (mut i32) (i32.const 0))
(data (i32.const 0) "\10\00\00\00\00\01\00\00")
(func (export "_start")
  (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
  (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
  (drop (call $args (i32.const 8) (i32.const 12)))
  (global.set $runs (i32.add (global.get $runs) (i32.const 100)))
  (call $exit (i32.add (global.get $runs) (i32.load (i32.const 8)))))`

func compile(t *testing.T, wat string) (*wasi.Command, error) {
	t.Helper()
	engine, err := registry.New(os.Getenv("ASSAY_ENGINE"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	c, err := wasi.Compile(t.Context(), engine, wasmtest.Wat(wat), nil)
	if err == nil {
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return c, err
}

// Every run starts anew, beside others too.
func TestRuns(t *testing.T) {
	c, err := compile(t, echo)
	if err != nil {
		t.Fatal(err)
	}
	run := func() runtimes.Outcome {
		out, err := c.Run(t.Context(), wasi.Input{Args: []string{"echo", "a", "b"}, Stdin: []byte("hello")}, runtimes.Limits{})
		if err != nil {
			t.Error(err)
		}
		return out
	}
	first := run()
	want := runtimes.Outcome{Kind: runtimes.OK, Detail: "103", Stdout: []byte("hello"), Fuel: first.Fuel, Pages: 1}
	if diff := cmp.Diff(want, first); diff != "" || first.Fuel == 0 {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if diff := cmp.Diff(first, run()); diff != "" {
				t.Errorf("another run differs (-first +this):\n%s", diff)
			}
		})
	}
	all.Wait()
}

// Go's linker imports a function for each package that uses it.
func TestImportedTwice(t *testing.T) {
	c, err := compile(t, `
(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
(import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
(import "wasi_snapshot_preview1" "proc_exit" (func $again (param i32)))
(memory 1)
(func (export "_start") (call $again (i32.add (call $yield) (i32.const 7))))`)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := c.Run(t.Context(), wasi.Input{}, runtimes.Limits{}); err != nil || out.Detail != "7" {
		t.Errorf("%v %s %s", err, out.Kind, out.Detail)
	}
}

func TestRefused(t *testing.T) {
	for wat, want := range map[string]string{
		`(func)`:                                             "exports no function _start",
		`(func (export "_start") (param i32))`:               "its _start is of type [i32] -> []",
		`(memory (export "_start") 1)`:                       "exports no function _start",
		`(import "env" "f" (func)) (func (export "_start"))`: `imports "f" of "env"`,
		`(import "wasi_snapshot_preview1" "sched_yield" (func)) (func (export "_start"))`: "imports sched_yield as [] -> [], which is [] -> [i32]",
		`(module binary "\00asm\01\00\00\00\02\08\01\01m\01m\02\00\01")`:                  "imports a memory",
	} {
		_, err := compile(t, wat)
		if !errors.Is(err, wasi.ErrModule) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", wat, err, want)
		}
	}
	if _, err := compile(t, `(module binary "text")`); !errors.Is(err, wasm.ErrMalformed) {
		t.Errorf("a text: %v", err)
	}
}

func TestCancelIsAnError(t *testing.T) {
	c, err := compile(t, `(func (export "_start") (loop (br 0)))`)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Run(ctx, wasi.Input{}, runtimes.Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
