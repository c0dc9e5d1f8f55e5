package instrument

import (
	"fmt"
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestTreeOfCalls: nothing loops and nothing recurs, ten wide and twelve deep;
// an empty tank stops it all the same.
func TestTreeOfCalls(t *testing.T) {
	m := wasmtest.New()
	m.Func("", "", "", "nop")
	for level := range 12 {
		m.Func("", "", "", strings.Repeat(fmt.Sprintf("call %d ", level), 10))
	}
	m.ExportFunc("f", 12)
	in := newMachine(t).load(t, instrumented(t, m).Code, nil)
	in.set(ExportFuel, 1_000_000)
	_, trap := in.call("f")
	left := int64(in.global(ExportFuel))
	if trap != "unreachable" || left >= 0 || left < -maxBetween-maxUnlooked {
		t.Errorf("trap %q with %d fuel left", trap, left)
	}
}

// TestMutualRecursion stops where the frames of all functions on the cycle say,
// though only one of them looks.
func TestMutualRecursion(t *testing.T) {
	m := wasmtest.New()
	m.ExportFunc("f", m.Func("", "", "i64 i64", "call 1"))
	m.Func("", "", "i64 i64 i64", "call 2 call 3")
	m.Func("", "", "i64", "global.get 0 i32.const 1 i32.add global.set 0 call 0")
	m.Func("", "", "", "")
	m.Global("i32", true, "i32.const 0")
	out := instrumented(t, m)
	in := newMachine(t).load(t, out.Code, nil)
	// Slots of the three frames: locals, operands, and four more each.
	const cycle = (2 + 4) + (3 + 4) + (1 + 2 + 4)
	in.set(ExportDepth, 1000*cycle)
	if _, trap := in.call("f"); trap != "unreachable" || int64(in.global(ExportDepth)) >= 0 {
		t.Fatalf("trap %q, depth %d", trap, int64(in.global(ExportDepth)))
	}
	if n := in.global("assay.g0"); n != 1000 {
		t.Errorf("%d rounds, want 1000", n)
	}
}

// TestDepthIsPutBack: calls one after the other stand on the same stack, also
// in functions that do not look.
func TestDepthIsPutBack(t *testing.T) {
	m := wasmtest.New()
	m.Table("funcref", 1, 1)
	m.Func("i32", "", "", "local.get 0 if local.get 0 i32.const 1 i32.sub call 0 end") // recurs n deep
	m.Func("", "", "", "i32.const 50 call 0 i32.const 50 call 0 i32.const 50 call 0")
	m.Func("", "", "", "i32.const 50 call 0")
	m.ExportFunc("f", m.Func("", "", "", "loop call 1 call 2 call 1 end call 2"))
	in := newMachine(t).load(t, instrumented(t, m).Code, nil)
	in.set(ExportDepth, 60*(1+2+4))
	if _, trap := in.call("f"); trap != "" {
		t.Errorf("trap %q", trap)
	}
}

// TestWhoLooks counts the functions that look on entry.
func TestWhoLooks(t *testing.T) {
	m := wasmtest.New()
	m.Table("funcref", 1, 1)
	m.Func("", "", "", "")                                                 // 0: a leaf
	m.Func("", "", "", "call 0 call 0")                                    // 1: calls leaves
	m.Func("", "", "", "call 1 call 3")                                    // 2: on a cycle with 3
	m.Func("", "", "", "call 2")                                           // 3
	m.Func("", "", "", "call 0")                                           // 4: in a table
	m.Func("", "", "", strings.Repeat("i32.const 0 drop ", maxUnlooked+1)) // 5: long
	m.Elem(0, 4)
	o := Default().withDefaults()
	decoded, err := wasm.Decode(m.Bytes(), o.Bounds)
	if err != nil {
		t.Fatal(err)
	}
	a, err := analyse(decoded, o)
	if err != nil {
		t.Fatal(err)
	}
	want := []bool{false, false, true, false, true, true}
	for fn, w := range want {
		if got := a.funcs[fn].checked; got != w {
			t.Errorf("function %d looks: %v, want %v", fn, got, w)
		}
	}
}
