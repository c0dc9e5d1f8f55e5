package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestHostMemory prints, with ASSAY_MEASURE=1, what a guest that spins, recurses,
// fills memory or fills output takes of the host beside a guest that does
// nothing: never more than 64 MiB, and its memory limit where it uses memory.
func TestHostMemory(t *testing.T) {
	if os.Getenv("ASSAY_MEASURE") == "" {
		t.Skip("not measured: set ASSAY_MEASURE=1")
	}
	const limit, allowance = 256, 64 // MiB
	dir := t.TempDir()
	for _, kind := range []struct {
		ext      string
		programs map[string]string // the first does nothing
		write    func(text string) []byte
	}{
		{".py", map[string]string{
			"nothing": "pass",
			"spin":    "while True: pass",
			"recurse": "import sys\nsys.setrecursionlimit(10**9)\nclass E:\n def __getattr__(s, n): return getattr(s, n)\nE().x",
			"memory":  "x = []\nwhile True: x.append(bytearray(1 << 20))",
			"output":  "while True: print('x' * 1000)",
		}, func(text string) []byte { return []byte(text) }},
		{".wasm", map[string]string{
			"nothing": `(func (export "_start"))`,
			"spin":    `(func (export "_start") (loop (br 0)))`,
			"recurse": `(func $f (export "_start") (local (@repeat 100 i64)) (call $f))`,
			"memory":  `(memory 1) (func (export "_start") (local i32) (loop (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable)) (memory.fill (local.get 0) (i32.const 1) (i32.const 1048576)) (local.set 0 (i32.add (local.get 0) (i32.const 1048576))) (br 0)))`,
			"tables":  `(table 0 funcref) (func (export "_start") (loop (br_if 0 (i32.ne (table.grow 0 (ref.null func) (i32.const 100)) (i32.const -1)))))`,
			"output":  `(import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32))) (memory (export "memory") 1) (data (i32.const 0) "\10\00\00\00\00\40\00\00") (func (export "_start") (memory.fill (i32.const 16) (i32.const 120) (i32.const 16384)) (loop (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br 0)))`,
		}, wasmtest.Wat},
	} {
		base := int64(0)
		for _, name := range []string{"nothing", "spin", "recurse", "memory", "tables", "output"} {
			text, ok := kind.programs[name]
			if !ok {
				continue
			}
			path := filepath.Join(dir, name+kind.ext)
			if err := os.WriteFile(path, kind.write(text), 0o600); err != nil {
				t.Fatal(err)
			}
			rss, took, outcome := measured(t, path)
			if name == "nothing" {
				base = rss
			}
			more := (rss - base) >> 10
			t.Logf("%-5s %-8s %-15s %4d MiB more than nothing's %d MiB, %v", kind.ext, name, outcome, more, base>>10, took.Round(time.Millisecond))
			most := int64(allowance)
			if name == "memory" || name == "recurse" { // Python's frames are in its memory too
				most += limit
			}
			if more > most {
				t.Errorf("%s%s takes %d MiB of the host", name, kind.ext, more)
			}
		}
	}
}

// measured runs a program and gives its process's peak memory in KiB.
func measured(t *testing.T, path string) (rss int64, took time.Duration, outcome string) {
	t.Helper()
	args := []string{"run", "--json", "--memory", "256MiB", "--fuel", "1e9"}
	if strings.HasSuffix(path, ".py") {
		args = append(args, "--in-process")
	}
	cmd := exec.CommandContext(t.Context(), "assay", append(args, path)...)
	start := time.Now()
	out, err := cmd.Output()
	took = time.Since(start)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	var report struct{ Outcome string }
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss, took, report.Outcome
}
