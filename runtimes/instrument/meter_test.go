package instrument

import (
	"errors"
	"math"
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// instrumented makes a module and rewrites it with all passes.
func instrumented(t *testing.T, m *wasmtest.Module) *Module {
	t.Helper()
	out, err := Instrument(m.Bytes(), Default())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSchedule is fuel/2 by example; every function's own entry is 1.
func TestSchedule(t *testing.T) {
	cases := []struct {
		name, code string
		arg, want  uint64
	}{
		{"an empty function", "", 0, 1},
		{"nop, drop and blocks are free", "nop block loop nop end end i32.const 1 drop", 0, 2},
		{"one for an operator", "i32.const 1 i32.const 2 i32.add drop", 0, 4},
		{"dead code is free", "block br 0 i32.const 1 drop end return i32.const 1 drop", 0, 2},
		{"the then arm", "local.get 0 if nop else i32.const 1 drop end", 1, 3},
		{"the else arm", "local.get 0 if nop else i32.const 1 drop end", 0, 4},
		{"an if that is left out", "local.get 0 if i32.const 1 drop i32.const 1 drop end", 0, 3},
		{"a call and its callee's entry", "call 0", 0, 3},
		{"an imported function", "i32.const 1 i64.const 2 call 0 drop", 0, 0},
		{"a loop of ten rounds", "i32.const 10 local.set 0 loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end", 0, 1 + 2 + 10*5},
		{"br_table to the first", "block block block local.get 0 br_table [0 1 2] end i32.const 1 drop end i32.const 1 drop end", 0, 5},
		{"br_table to the last", "block block block local.get 0 br_table [0 1 2] end i32.const 1 drop end i32.const 1 drop end", 9, 3},
		{"a conditional branch taken", "block local.get 0 br_if 0 i32.const 1 drop end", 1, 3},
		{"a conditional branch not taken", "block local.get 0 br_if 0 i32.const 1 drop end", 0, 4},
		{"memory.fill by bytes", "i32.const 0 i32.const 7 i32.const 100 memory.fill", 0, 1 + 4 + 100},
		{"memory.copy by bytes", "i32.const 0 i32.const 7 i32.const 100 memory.copy", 0, 1 + 4 + 100},
		{"memory.init by bytes", "i32.const 0 i32.const 0 i32.const 3 memory.init 0", 0, 1 + 4 + 3},
		{"memory.grow by pages", "i32.const 2 memory.grow drop", 0, 1 + 2 + 2},
		{"memory.grow refused", "i32.const 60000 memory.grow drop", 0, 1 + 2 + 60000},
		{"ref.func, for which engines leave compiled code", "ref.func 0 drop", 0, 1 + 200},
		{"table.init by elements", "i32.const 0 i32.const 0 i32.const 1 table.init 0 0", 0, 1 + 3 + 200 + 1},
		{"elem.drop and data.drop", "elem.drop 0 data.drop 0", 0, 1 + 2*200},
		{"memory.grow by nothing", "i32.const 0 memory.grow drop", 0, 1 + 2},
		{"table.grow by nothing", "ref.null funcref i32.const 0 table.grow 0 drop", 0, 1 + 3},
		{"table.grow refused", "ref.null funcref i32.const 4000 table.grow 0 drop", 0, 1 + 3 + 4000},
		{"table.fill by elements", "i32.const 0 ref.null funcref i32.const 3 table.fill 0", 0, 1 + 4 + 3},
		{"table.grow by elements", "ref.null funcref i32.const 3 table.grow 0 drop", 0, 1 + 3 + 3},
		{"a throw with a payload and its catch", "block try_table [catch_all 0] i32.const 1 throw 0 end end", 0,
			1 + 1 + 4 + // const; global.set, const, global.set, br
				3}, // const, global.set, br
		{"a try_table that throws nothing", "block try_table [catch_all 0] end end", 0, 1 + 1},
		{"a clause that does not match", "block block i32 try_table [catch 0 0, catch_all 1] throw 1 end unreachable end drop end", 0,
			1 + 3 + 4 + 3}, // throw; compare; catch_all
	}
	mc := newMachine(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := wasmtest.New()
			if c.want == 0 {
				m.Import("env", "host", "i32 i64", "i64")
				c.want = 1 + 3
			} else {
				m.Func("", "", "", "")
			}
			m.Memory(1, 8)
			m.Table("funcref", 4, 40)
			m.Tag("i32")
			m.Tag("")
			m.Passive([]byte("abc"))
			m.PassiveElem(0)
			m.ExportFunc("f", m.Func("i32", "", "", c.code))
			out := instrumented(t, m)
			for extra, ok := range map[uint64]bool{math.MaxUint64: false, 0: true, 1: true} {
				in := mc.load(t, out.Code, nil)
				in.set(ExportFuel, c.want+extra)
				_, trap := in.call("f", c.arg)
				if left := int64(in.global(ExportFuel)); (left >= 0) != ok || ok && (trap != "" || left != int64(extra)) {
					t.Errorf("with %d fuel %d are left, trap %q; the schedule says %d", c.want+extra, left, trap, c.want)
				}
			}
		})
	}
}

// TestEmptyTankStops are programs that would run for ever or very long.
func TestEmptyTankStops(t *testing.T) {
	cases := map[string]string{
		"a loop":                    "loop br 0 end",
		"a loop over br_table":      "loop i32.const 3 br_table [0 0] end",
		"a loop that calls":         "loop call 0 br 0 end",
		"recursion":                 "call 1",
		"a tree of calls":           "call 2 call 2 call 2 call 2 call 2 call 2 call 2 call 2 call 2 call 2",
		"memory.fill over and over": "loop i32.const 0 i32.const 0 i32.const 65536 memory.fill br 0 end",
		"a fill of 4 GiB":           "i32.const 0 i32.const 0 i32.const -1 memory.fill",
		"exceptions in a loop":      "loop block try_table [catch_all 0] call 3 end end br 0 end",
	}
	mc := newMachine(t)
	for name, code := range cases {
		t.Run(name, func(t *testing.T) {
			m := wasmtest.New()
			m.Memory(1, 1)
			m.Tag("")
			m.Func("", "", "", "")
			m.ExportFunc("f", m.Func("", "", "", code))
			m.Func("", "", "", "call 1")
			m.Func("", "", "", "throw 0")
			in := mc.load(t, instrumented(t, m).Code, nil)
			in.set(ExportFuel, 100_000)
			if _, trap := in.call("f"); trap != "unreachable" || int64(in.global(ExportFuel)) >= 0 {
				t.Errorf("trap %q with %d fuel left", trap, int64(in.global(ExportFuel)))
			}
		})
	}
}

// TestStopFlag stops loops and calls; in one the flag is set while it runs.
func TestStopFlag(t *testing.T) {
	m := wasmtest.New()
	m.ExportFunc("loop", m.Func("", "", "", "loop br 0 end"))
	m.ExportFunc("call", m.Func("", "", "", "call 0"))
	out := instrumented(t, m)
	mc := newMachine(t)
	for _, f := range []string{"loop", "call"} {
		in := mc.load(t, out.Code, nil)
		in.set(ExportStop, StopNow)
		if _, trap := in.call(f); trap != "unreachable" || int64(in.global(ExportFuel)) < 0 || int64(in.global(ExportDepth)) < 0 {
			t.Errorf("%s: trap %q, fuel %d, depth %d", f, trap, int64(in.global(ExportFuel)), int64(in.global(ExportDepth)))
		}
	}
	in := mc.load(t, out.Code, nil)
	ended := make(chan string)
	go func() {
		_, trap := in.call("loop")
		ended <- trap
	}()
	in.set(ExportStop, StopNow)
	if trap := <-ended; trap != "unreachable" {
		t.Errorf("stopped while running: trap %q", trap)
	}
}

// TestMemoryLimit refuses growth past the limit and notes it.
func TestMemoryLimit(t *testing.T) {
	m := wasmtest.New()
	m.Memory(1, 10)
	m.ExportFunc("grow", m.Func("i32", "i32", "", "local.get 0 memory.grow"))
	out := instrumented(t, m)
	cases := []struct {
		limit, by uint64
		want      int32
		refused   uint64
	}{
		{65536, 3, 1, 0},
		{4, 3, 1, 0},
		{3, 3, -1, 1},
		{0, 0, -1, 1},
		{65536, 10, -1, 1},         // past the module's own maximum
		{65536, 0xffffffff, -1, 1}, // the sum has 33 bits
		{1, 0xffffffff, -1, 1},
	}
	mc := newMachine(t)
	for _, c := range cases {
		in := mc.load(t, out.Code, nil)
		in.set(ExportMemLimit, c.limit)
		res, trap := in.call("grow", c.by)
		if trap != "" || int32(res[0]) != c.want || in.global(ExportMemRefused) != c.refused {
			t.Errorf("limit %d, grow by %d: %v %q, refused %d", c.limit, c.by, res, trap, in.global(ExportMemRefused))
		}
	}
}

// TestDepth stops recursion where the frames say, not where the engine's stack
// ends.
func TestDepth(t *testing.T) {
	wide := ""
	for range 1000 {
		wide += "i64 "
	}
	vectors := "v128 v128 v128"
	cases := []struct {
		name, locals, code string
		frame              uint64
	}{
		{"an empty frame", "", "global.get 0 i32.const 1 i32.add global.set 0 call 0", 4 + 2},
		{"a thousand locals", wide, "global.get 0 i32.const 1 i32.add global.set 0 call 0", 4 + 2 + 1000},
		{"operands", "", "global.get 0 i32.const 1 i32.add global.set 0 i64.const 1 i64.const 1 i64.const 1 call 0 drop drop drop", 4 + 3},
		{"vectors", vectors, "global.get 0 i32.const 1 i32.add global.set 0 local.get 0 call 0 drop", 4 + 6 + 4},
		{"through a table", "", "global.get 0 i32.const 1 i32.add global.set 0 i32.const 0 call_indirect 0 0", 4 + 2},
	}
	mc := newMachine(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := wasmtest.New()
			m.Table("funcref", 1, 1)
			m.Global("i32", true, "i32.const 0")
			m.ExportFunc("f", m.Func("", "", c.locals, c.code))
			m.Export("n", wasm.KindGlobal, 0)
			m.Elem(0, 0)
			in := mc.load(t, instrumented(t, m).Code, nil)
			const limit = 100_000
			in.set(ExportDepth, limit)
			_, trap := in.call("f")
			if trap != "unreachable" || int64(in.global(ExportDepth)) >= 0 {
				t.Fatalf("trap %q, depth %d", trap, int64(in.global(ExportDepth)))
			}
			if n := in.global("n"); n != limit/c.frame {
				t.Errorf("%d frames, want %d of %d slots each", n, limit/c.frame, c.frame)
			}
		})
	}
}

// TestLowSlots: a guest that looks at its own stack sees its end when few slots are
// left, and no meter shows how. One that doesn't look goes on, to the end of its
// slots.
func TestLowSlots(t *testing.T) {
	o := Default()
	o.LowSlots, o.LowPointer = 20_000, 500
	const limit, fuel, frame = 100_000, 1 << 40, 4 + 3
	m := wasmtest.New()
	m.Global("i32", true, "i32.const 1000")
	m.ExportFunc("looks", m.Func("i64", "i64", "", `
		global.get 0 i32.const 501 i32.lt_u if local.get 0 return end
		local.get 0 i64.const 1 i64.add call 0`))
	m.ExportFunc("goes on", m.Func("i64", "i64", "", "local.get 0 i64.const 1 i64.add call 1"))
	m.Export("sp", wasm.KindGlobal, 0)
	out, err := Instrument(m.Bytes(), o)
	if err != nil {
		t.Fatal(err)
	}
	in := newMachine(t).load(t, out.Code, nil)
	in.set(ExportDepth, limit)
	in.set(ExportFuel, fuel)
	res, trap := in.call("looks", 0)
	if trap != "" {
		t.Fatalf("trap %q", trap)
	}
	n := res[0]
	if want := uint64(limit-20_000) / frame; n != want {
		t.Errorf("told after %d calls, want %d", n, want)
	}
	if sp, used := in.global("sp"), fuel-in.global(ExportFuel); sp != 1000 || used != 9*n+6 {
		t.Errorf("the guest's stack pointer is %d; used %d, want %d", sp, used, 9*n+6)
	}
	in.set(ExportDepth, limit)
	if _, trap := in.call("goes on", 0); trap != "unreachable" || int64(in.global(ExportDepth)) >= 0 {
		t.Errorf("trap %q, depth %d", trap, int64(in.global(ExportDepth)))
	}
	if _, err := Instrument(wasmtest.New().Bytes(), o); !errors.Is(err, wasm.ErrRefused) {
		t.Errorf("a module without a stack pointer: %v", err)
	}
}

// TestDepthOfALeaf: a function that calls nothing is metered when it is big.
func TestDepthOfALeaf(t *testing.T) {
	wide := ""
	for range 1000 {
		wide += "i64 "
	}
	m := wasmtest.New()
	m.ExportFunc("small", m.Func("", "", "", ""))
	m.ExportFunc("big", m.Func("", "", wide, ""))
	in := newMachine(t).load(t, instrumented(t, m).Code, nil)
	in.set(ExportDepth, 10)
	if _, trap := in.call("small"); trap != "" {
		t.Errorf("small: trap %q", trap)
	}
	if _, trap := in.call("big"); trap != "unreachable" || int64(in.global(ExportDepth)) >= 0 {
		t.Errorf("big: trap %q, depth %d", trap, int64(in.global(ExportDepth)))
	}
}

// TestFuelAtHostCalls: a host sees exactly what was used before the call.
func TestFuelAtHostCalls(t *testing.T) {
	m := wasmtest.New()
	m.Import("env", "host", "i32 i64", "i64")
	m.ExportFunc("f", m.Func("", "", "", `
		i32.const 1 i64.const 2 call 0 drop
		i32.const 1 i64.const 2 call 0 drop unreachable`))
	in := newMachine(t).load(t, instrumented(t, m).Code, nil)
	in.set(ExportFuel, 1000)
	in.call("f")
	if left := in.global(ExportFuel); left != 1000-1-3-3 {
		t.Errorf("%d fuel left at the trap", left)
	}
}
