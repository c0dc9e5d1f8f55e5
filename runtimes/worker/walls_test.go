package worker

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/confine"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestWallsAreAsked: what Walls says of a child is what stands around one.
func TestWallsAreAsked(t *testing.T) {
	asked, err := New(Config{Args: []string{os.Args[0], childArg}}).Walls(t.Context())
	if err != nil || len(asked) == 0 {
		t.Fatalf("%v, %v", asked, err)
	}
	around := walls(t, open(t, nil))
	for i, w := range asked {
		if around[i].Name != w.Name || around[i].Stands != w.Stands || w.About == "" {
			t.Errorf("asked %+v, around a child %+v", w, around[i])
		}
	}
	if none := walls(t, open(t, func(c *Config) { c.Setup.NoWalls = true })); len(none) != 0 {
		t.Errorf("without walls: %v", none)
	}
}

// TestProcessorTimeEnds: an engine that hangs without counting fuel is ended by
// the kernel, and its program is a fault.
func TestProcessorTimeEnds(t *testing.T) {
	p := open(t, nil)
	for _, w := range walls(t, p) {
		if w.Name == "limits" && !w.Stands {
			t.Skip("there are no limits here: ", w.About)
		}
	}
	shorten(t, &cpuSlack, 0)
	j := job("spin")
	j.Limits = runtimes.Limits{LoadFuel: 1, CallFuel: 1}
	_, err := p.Run(t.Context(), j, nil)
	if err == nil || !strings.Contains(err.Error(), "CPU time limit exceeded") {
		t.Error(err)
	}
}

// TestCancelHanging: a child that doesn't end a call that was given up is ended.
func TestCancelHanging(t *testing.T) {
	shorten(t, &stopWait, time.Millisecond)
	p := open(t, nil)
	cancelled(t, p, "hang")
	if err := main(t, p, "fine"); err != nil {
		t.Error(err)
	}
}

// TestCancelHangingModule: what hangs with a module, as a compilation may, ends
// without the time that Python's programs have.
func TestCancelHangingModule(t *testing.T) {
	shorten(t, &stopWait, time.Hour)
	shorten(t, &stopWaitModule, time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	w := New(Config{Args: []string{os.Args[0], childArg}})
	t.Cleanup(func() { _ = w.Close() })
	j := job("hang")
	j.Language = runtimes.Wasm
	if _, err := w.Run(ctx, j, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func shorten(t *testing.T, d *time.Duration, to time.Duration) {
	was := *d
	*d = to
	t.Cleanup(func() { *d = was })
}

func walls(t *testing.T, w *Worker) []confine.Wall {
	t.Helper()
	all, err := w.Walls(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestCompileLimits: a compilation that goes over what its process may take is its
// module's outcome, once and for all; one that ends in another way is a fault.
func TestCompileLimits(t *testing.T) {
	shorten(t, &cpuSlack, 0)
	w := New(Config{Args: []string{os.Args[0], childArg}})
	t.Cleanup(func() { _ = w.Close() })
	module := func(source string) (runtimes.Outcome, error) {
		j := job(source)
		j.Language = runtimes.Wasm
		j.Limits = runtimes.Limits{LoadFuel: 1, CallFuel: 1}
		return w.Run(t.Context(), j, nil)
	}
	limited := map[string]string{
		"die fatal error: runtime: out of memory":          "more memory to compile than its process has",
		"die memory allocation of 2246724256 bytes failed": "more memory to compile than its process has",
	}
	p := open(t, nil)
	for _, wall := range walls(t, p) {
		if wall.Name == "limits" && wall.Stands {
			limited["spin"] = "more processor time to compile than its process has"
		}
	}
	for source, want := range limited {
		for range 2 {
			if out, err := module(source); err != nil || out.Kind != runtimes.CompileLimit || out.Detail != want {
				t.Errorf("%s: %v, %+v", source, err, out)
			}
		}
		m := w.module(source)
		if m.value.Load() != nil {
			t.Errorf("%s: its process is kept", source)
		}
		w.release(m)
	}
	if out, err := module("segv"); err == nil {
		t.Errorf("segv: %+v", out)
	}
}

// TestCompileIsWatched: a process that takes too much to compile says so, of every
// job that it has.
func TestCompileIsWatched(t *testing.T) {
	e, err := registry.New("", nil)
	if err != nil {
		t.Fatal(err)
	}
	g := &moduleGuests{engine: e, host: Host{Seal: func() error { return nil }}}
	bomb := wasmtest.Bombs()[0].Make(100)
	j := &runtimes.Job{Language: runtimes.Wasm, Mode: runtimes.ModeMain, Program: runtimes.Program{Source: string(bomb)}}
	j.Limits = j.Limits.WithDefaults()
	time, memory := compileTime, compileMemory
	for what, limit := range map[string]func(){
		"processor time": func() { compileTime = -1 },
		"memory":         func() { compileMemory = -1 },
	} {
		t.Run(what, func(t *testing.T) {
			t.Cleanup(func() { compileTime, compileMemory, g.over = time, memory, nil })
			limit()
			for range 2 {
				out, err := g.Run(t.Context(), j, nil)
				if err != nil || out.Kind != runtimes.CompileLimit || !strings.Contains(out.Detail, what+" to compile") {
					t.Fatalf("%v, %+v", err, out)
				}
			}
		})
	}
	if out, err := g.Run(t.Context(), j, nil); err != nil || out.Kind != runtimes.OK {
		t.Errorf("%v, %+v", err, out)
	}
}
