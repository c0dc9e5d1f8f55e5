package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes/engine/registry"
)

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"assay": main, "double": double})
}

// tests are those of this package. Whoever starts them with nohup has SIGHUP
// ignored, and so would the commands that they start: one that is caught is not.
type tests struct{ *testing.M }

func (t tests) Run() int {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	return t.M.Run()
}

// TestScripts runs testdata/script: what the command line promises.
func TestScripts(t *testing.T) { runScripts(t, filepath.Join("testdata", "script")) }

var update = flag.Bool("update", false, "rewrite what scripts compare with")

// runScripts runs the scripts of a folder. Those that run programs ask for the
// condition python; ASSAY_CACHE and ASSAY_WHEEL say where the runtime comes from.
func runScripts(t *testing.T, dir string) {
	shared, err := cache.DefaultRoot()
	if err != nil {
		t.Fatal(err)
	}
	ready := sync.OnceValue(func() error { return installPython(shared) })
	testscript.Run(t, testscript.Params{
		UpdateScripts:       *update,
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               func(env *testscript.Env) error { return setup(env, shared) },
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "python":
			case "grpc":
				return pluginPython() != "", nil
			case "zig":
				return pluginZig(), nil
			case registry.Wasmtime:
				return registry.Check(cond) == nil, nil
			default:
				return false, fmt.Errorf("there is no condition %s", cond)
			}
			if err := ready(); err != nil {
				t.Logf("the Python runtime can't be had: %v", err)
				return false, nil
			}
			return true, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"torn":    torn,
			"wat":     wat,
			"bomb":    bomb,
			"runs":    runs,
			"damage":  damage,
			"cutoff":  cutoff,
			"example": example,
		},
	})
}

// dearKinds are what scripts share with other processes, because it takes a
// minute to make. What a verdict depends on is made anew for each script.
var dearKinds = []string{cache.Wheels, cache.Modules, cache.Code, cache.Images}

// shareCache makes a cache in own that has the dear kinds of the shared one, and
// more of them.
func shareCache(own, shared string, more ...string) error {
	for _, kind := range slices.Concat(dearKinds, more) {
		if err := errors.Join(os.MkdirAll(filepath.Join(shared, kind), 0o755), os.MkdirAll(own, 0o755)); err != nil {
			return err
		}
		if err := os.Symlink(filepath.Join(shared, kind), filepath.Join(own, kind)); err != nil {
			return err
		}
	}
	return nil
}

// setup gives each script a cache of its own.
func setup(env *testscript.Env, shared string) error {
	own := filepath.Join(env.WorkDir, ".cache")
	if err := shareCache(own, shared); err != nil {
		return err
	}
	bin, err := exec.LookPath("assay")
	if err != nil {
		return err
	}
	env.Setenv("ASSAY_CACHE", own)
	for _, name := range []string{"ASSAY_WHEEL", "ASSAY_ENGINE"} {
		env.Setenv(name, os.Getenv(name))
	}
	env.Setenv("BIN", filepath.Dir(bin)) // a PATH with nothing but assay
	env.Setenv("ASSAY_PLUGINS", filepath.Join(env.WorkDir, ".plugins"))
	env.Setenv("ASSAY_SUITES", filepath.Join(env.WorkDir, ".suites"))
	env.Setenv("PLUGIN_PYTHON", pluginPython())
	env.Setenv("EXAMPLES", filepath.Join(tree, "plugins", "python", "examples"))
	env.Setenv("ZIG_GLOBAL_CACHE_DIR", filepath.Join(shared, "zig"))
	built, err := exec.Command("go", "env", "GOCACHE").Output() // Go's standard library, for one
	env.Setenv("GOCACHE", strings.TrimSpace(string(built)))
	return err
}

func installPython(shared string) error {
	cmd := exec.CommandContext(context.Background(), "assay", "runtimes", "install", "python", "--libraries", "--quiet")
	cmd.Env = append(os.Environ(), "ASSAY_CACHE="+shared)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

// exits runs a command that has to end with a code: exits 2 assay eval.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// torn cuts a file off in the middle of its n-th line, as a process that was
// killed leaves it: torn FILE N.
func torn(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: torn FILE LINE")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	lines := strings.SplitAfter(ts.ReadFile(args[0]), "\n")
	if n < 1 || n >= len(lines) {
		ts.Fatalf("%s has %d lines", args[0], len(lines)-1)
	}
	text := strings.Join(lines[:n-1], "") + lines[n-1][:len(lines[n-1])/2]
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

// damage overwrites the middle of a file, or of every file below a folder:
// damage PATH.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: damage PATH")
	}
	n := 0
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil || len(data) == 0 {
			return err
		}
		n++
		data[len(data)/2] ^= 0xff
		return os.WriteFile(path, data, 0o644)
	}))
	if n == 0 {
		ts.Fatalf("there is nothing to damage in %s", args[0])
	}
}
