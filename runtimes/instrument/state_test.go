package instrument

import (
	"bytes"
	"slices"
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestState: what a snapshot needs is exported, what it replaces is taken out.
func TestState(t *testing.T) {
	m := wasmtest.New()
	m.Memory(1, 2)
	m.Global("i32", true, "i32.const 7")
	m.Global("i32", false, "i32.const 8")
	m.Global("f64", true, "f64.const 1.5")
	start := m.Func("", "", "", "i32.const 9 global.set 0")
	m.ExportFunc("f", m.Func("", "i32", "", "i32.const 20 i32.const 0 i32.const 2 memory.init 1 i32.const 20 i32.load"))
	m.ExportFunc("taken", m.Func("", "", "", "i32.const 0 i32.const 0 i32.const 1 memory.init 0"))
	m.Start(start)
	m.Data(4, []byte("active"))
	m.Passive([]byte("passive"))
	m.Data(8, []byte("!"))
	out := instrumented(t, m)

	if want := []string{"assay.g0", "assay.g2"}; !slices.Equal(out.Globals, want) {
		t.Errorf("globals %v, want %v", out.Globals, want)
	}
	if out.Memory != exportMemory || out.Start != ExportStart {
		t.Errorf("memory %q, start %q", out.Memory, out.Start)
	}
	if len(out.Segments) != 2 || out.Segments[0].Offset != 4 || string(out.Segments[0].Data) != "active" || out.Segments[1].Offset != 8 {
		t.Errorf("segments %v", out.Segments)
	}
	in := newMachine(t).load(t, out.Code, nil)
	if got, _ := in.mod.ExportedMemory(exportMemory).Read(0, 16); !bytes.Equal(got, make([]byte, 16)) {
		t.Errorf("memory of a new instance: %q", got)
	}
	if g := in.global("assay.g0"); g != 7 {
		t.Errorf("global 0 is %d before the start function", g)
	}
	in.call(ExportStart)
	if g := in.global("assay.g0"); g != 9 {
		t.Errorf("global 0 is %d after the start function", g)
	}
	if res, trap := in.call("f"); trap != "" || res[0] != 'p'|'a'<<8 {
		t.Errorf("the passive segment gave %v %q", res, trap)
	}
	if _, trap := in.call("taken"); trap != "out of bounds memory access" {
		t.Errorf("the active segment is still there: %q", trap)
	}
}

// TestOwnMemoryName keeps the name that the module gave its memory.
func TestOwnMemoryName(t *testing.T) {
	m := wasmtest.New()
	m.Memory(1, 1)
	m.Export("mem", wasm.KindMemory, 0)
	if out := instrumented(t, m); out.Memory != "mem" || out.Start != "" || len(out.Globals) != 0 {
		t.Errorf("memory %q, start %q, globals %v", out.Memory, out.Start, out.Globals)
	}
}

// TestSameBytes: the result and its hash depend on module and options alone.
func TestSameBytes(t *testing.T) {
	bin := newGenerator(5, true).module()
	a, err := Instrument(bin, Default())
	if err != nil {
		t.Fatal(err)
	}
	b, err := Instrument(bin, Default())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Code, b.Code) || a.Hash != b.Hash {
		t.Error("twice the same module, two results")
	}
	o := Default()
	o.FrameSlots = 9
	if c, err := Instrument(bin, o); err != nil || c.Hash == a.Hash {
		t.Errorf("other options, the same hash (%v)", err)
	}
}
