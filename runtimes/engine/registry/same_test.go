package registry

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/instrument"
)

var bg = context.Background()

// seen is all that can be seen of a call.
type seen struct {
	Results []uint64
	Error   string
	Used    uint64
	Pages   uint32
	Memory  [sha256.Size]byte
	Globals []uint64
	Refused bool
}

// open makes an instance of a module on an engine.
func open(t *testing.T, name string, m *instrument.Module, imports []guest.Function) engine.Instance {
	t.Helper()
	e, err := New(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	code, err := e.Compile(bg, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = code.Close() })
	inst, err := code.New(bg, imports, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = inst.Close(bg) })
	return inst
}

// call runs the export "f" of a module on an engine, with so much fuel and all
// the stack there is.
func call(t *testing.T, name string, m *instrument.Module, fuel uint64, params ...uint64) seen {
	t.Helper()
	inst := open(t, name, m, nil)
	inst.SetFuel(fuel)
	inst.SetStack(engine.MaxStack)
	var out seen
	err := engine.Boot(bg, m, inst)
	if err == nil {
		out.Results, err = inst.Call(bg, "f", params...)
	}
	if halt := (*guest.Halt)(nil); err != nil && !errors.As(err, &halt) {
		t.Errorf("%s: a fault: %v", name, err)
	}
	if err != nil {
		out.Error = err.Error()
	}
	out.Used, out.Pages, out.Globals, out.Refused = inst.Used(), inst.Pages(), inst.Globals(), inst.MemoryRefused()
	out.Memory = sha256.Sum256(inst.Memory())
	return out
}

// same runs a module on every engine and compares.
func same(t *testing.T, bin []byte, fuel uint64, params ...uint64) seen {
	t.Helper()
	m, err := instrument.Instrument(bin, instrument.Default())
	if err != nil {
		t.Fatal(err)
	}
	want := call(t, Wazero, m, fuel, params...)
	for _, name := range BuiltIn()[1:] {
		if diff := cmp.Diff(want, call(t, name, m, fuel, params...)); diff != "" {
			t.Errorf("%s and %s differ (-want +got):\n%s", Wazero, name, diff)
		}
	}
	return want
}

// oneEngine skips where there is nothing to compare.
func oneEngine(t *testing.T) {
	if len(BuiltIn()) < 2 {
		if os.Getenv("ASSAY_ENGINE") != "" {
			t.Fatal(Check(os.Getenv("ASSAY_ENGINE")))
		}
		t.Skip("one engine is built in: the comparison needs -tags wasmtime")
	}
}
