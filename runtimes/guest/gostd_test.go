package guest_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

var update = flag.Bool("update", false, "rewrite testdata/gostd_skips.txt")

// gostdPackages are those whose tests run, and folders of GOROOT that they read
// besides their own.
var gostdPackages = []struct {
	name  string
	reads []string
}{
	{"archive/zip", nil},
	{"bufio", nil},
	{"errors", nil},
	{"io", nil},
	{"io/fs", nil},
	{"io/ioutil", []string{"src/io"}},
	{"log", nil},
	{"os", nil},
	{"path/filepath", []string{"src/unicode"}},
	{"strings", nil},
	{"testing/fstest", nil},
	{"time", nil},
}

// TestGoStandardLibrary runs the test binaries of Go's own standard library,
// built for wasip1, in a world. None is left out; those that leave themselves
// out (processes, pipes, modes: what wasip1 has not) are listed, with what they
// say, in testdata/gostd_skips.txt. It builds and compiles for minutes, so it is
// asked for by ASSAY_SLOW=1.
func TestGoStandardLibrary(t *testing.T) {
	if os.Getenv("ASSAY_SLOW") == "" {
		t.Skip("set ASSAY_SLOW=1 to build Go's standard library's tests for wasip1 and run them")
	}
	var skips []string
	for _, pkg := range gostdPackages {
		t.Run(pkg.name, func(t *testing.T) {
			for _, skip := range runGoTests(t, pkg.name, pkg.reads) {
				skips = append(skips, pkg.name+" "+skip)
			}
		})
	}
	golden := filepath.Join("testdata", "gostd_skips.txt")
	got := strings.Join(skips, "\n") + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || got != string(want) {
		t.Errorf("%s lists other tests (%v); -update rewrites it. These leave themselves out:\n%s", golden, err, got)
	}
}

// runGoTests returns which tests leave themselves out, and why.
func runGoTests(t *testing.T, pkg string, reads []string) []string {
	ctx := context.Background()
	bin := buildGoTests(t, pkg)
	world := goWorld(t, pkg, reads)
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig())
	defer rt.Close(ctx)
	bind(t, rt, world)
	_, err := rt.Instantiate(ctx, bin)
	var exit *guest.Exit
	if !errors.As(err, &exit) || exit.Code != 0 {
		t.Errorf("%s: %v\n%s\n%s", pkg, err, world.Stdout(), world.Stderr())
	}
	return skipped(string(world.Stdout()))
}

// skipped lists the tests that were skipped, with what they said last.
func skipped(out string) (all []string) {
	said := ""
	for _, line := range strings.Split(out, "\n") {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "--- SKIP: "); ok {
			name, _, _ = strings.Cut(name, " ")
			all = append(all, strings.TrimSuffix(name+": "+said, ": "))
		}
		_, said, _ = strings.Cut(line, ".go:") // and the number of the line
		_, said, _ = strings.Cut(said, ": ")
	}
	return all
}

func buildGoTests(t *testing.T, pkg string) []byte {
	file := filepath.Join(t.TempDir(), "tests.wasm")
	cmd := exec.Command("go", "test", "-c", "-o", file, pkg)
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building the tests of %s: %v\n%s", pkg, err, out)
	}
	bin, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// goWorld holds what the tests read: the package's own folder, the time zones.
func goWorld(t *testing.T, pkg string, reads []string) *guest.World {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	goroot := strings.TrimSpace(string(root))
	b := memfs.NewBuilder()
	dirs := append(slices.Clone(reads), "lib/time")
	if own := filepath.Join("src", pkg); !slices.Contains(reads, filepath.Dir(own)) {
		dirs = append(dirs, own)
	}
	for _, dir := range dirs {
		addDir(t, b, filepath.Join(goroot, dir), "/go/"+dir)
	}
	err = errors.Join(b.Dir("/tmp"), b.Null("/dev/null"))
	for _, file := range []string{"go.env", "LICENSE", "CONTRIBUTING.md"} { // what os looks for in GOROOT
		err = errors.Join(err, b.File("/go/"+file, []byte(file)))
	}
	if err != nil {
		t.Fatal(err)
	}
	world, err := guest.New(guest.Config{
		Args: []string{"tests", "-test.v"}, Root: b.Tree(),
		Env:    []string{"PWD=/go/src/" + pkg, "GOROOT=/go", "TMPDIR=/tmp"},
		Limits: runtimes.Limits{OutputBytes: 64 << 20, FSNodes: 100_000},
	})
	if err != nil {
		t.Fatal(err)
	}
	return world
}

func addDir(t *testing.T, b *memfs.Builder, from, to string) {
	fsys := os.DirFS(from)
	err := walkFiles(fsys, func(path string, data []byte) error { return b.File(to+"/"+path, data) })
	if err != nil {
		t.Fatal(err)
	}
}

// bind gives a world's functions to wazero.
func bind(t *testing.T, rt wazero.Runtime, w *guest.World) {
	var used uint64
	b := rt.NewHostModuleBuilder(guest.Module)
	for _, f := range w.Functions() {
		b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, m api.Module, stack []uint64) {
			result, err := f.Call(&moduleCaller{m, &used}, stack[:len(f.Params)])
			if err != nil {
				panic(err)
			}
			if len(f.Results) > 0 {
				stack[0] = result
			}
		}), valueTypes(f.Params), valueTypes(f.Results)).Export(f.Name)
	}
	if _, err := b.Instantiate(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func valueTypes(in []guest.ValType) []api.ValueType {
	out := make([]api.ValueType, len(in))
	for i, v := range in {
		out[i] = api.ValueType(v)
	}
	return out
}
