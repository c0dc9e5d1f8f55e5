package guest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"assay/runtimes"
	"assay/runtimes/guest"
	"assay/runtimes/guest/memfs"
)

// TestGoStandardLibrary runs the test binaries of Go's own standard library,
// built for wasip1, in a world. It builds and compiles for minutes, so it is
// asked for by ASSAY_SLOW=1.
func TestGoStandardLibrary(t *testing.T) {
	if os.Getenv("ASSAY_SLOW") == "" {
		t.Skip("set ASSAY_SLOW=1 to build Go's standard library's tests for wasip1 and run them")
	}
	for _, pkg := range []string{"strings", "io/fs", "time", "os"} {
		t.Run(pkg, func(t *testing.T) { runGoTests(t, pkg) })
	}
}

// runGoTests skips nothing: what can't be on wasip1 (processes, pipes, modes),
// the tests themselves leave out.
func runGoTests(t *testing.T, pkg string) {
	ctx := context.Background()
	bin := buildGoTests(t, pkg)
	world := goWorld(t, pkg)
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig())
	defer rt.Close(ctx)
	bind(t, rt, world)
	_, err := rt.Instantiate(ctx, bin)
	var exit *guest.Exit
	if errors.As(err, &exit) && exit.Code == 0 {
		return
	}
	t.Errorf("%s: %v\n%s\n%s", pkg, err, world.Stdout(), world.Stderr())
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
func goWorld(t *testing.T, pkg string) *guest.World {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	goroot := strings.TrimSpace(string(root))
	b := memfs.NewBuilder()
	for _, dir := range []string{filepath.Join("src", pkg), "lib/time"} {
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
