package instrument

import (
	"errors"
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// thrower makes a module with tags 0 [] and 1 [i32], 2 [i32]; function 0 throws
// tag n with payload 40+n for n from 0 to 2 and returns n otherwise; f is
// exported and of type i32 -> i32.
func thrower(locals, code string) *wasmtest.Module {
	m := wasmtest.New()
	m.Tag("")
	m.Tag("i32")
	m.Tag("i32")
	m.Table("funcref", 2, 2)
	m.Func("i32", "i32", "", `
		block block block block local.get 0 br_table [0 1 2 3] end
		throw 0 end
		i32.const 41 throw 1 end
		i32.const 42 throw 2 end
		local.get 0`)
	m.ExportFunc("f", m.Func("i32", "i32", locals, code))
	m.Elem(0, 0)
	return m
}

// TestLowering has a case for each rule; want is what f gives for 0, 1, 2, 3;
// -1 stands for an uncaught exception, -2 for a trap.
func TestLowering(t *testing.T) {
	cases := []struct {
		name, locals, code string
		want               [4]int
	}{
		{"nothing caught", "", "local.get 0 call 0", [4]int{-1, -1, -1, 3}},
		{"called through a table", "", "local.get 0 i32.const 0 call_indirect 2 0 i32.const 5 i32.add", [4]int{-1, -1, -1, 8}},
		{"catch by tag", "", `
			block i32 try_table i32 [catch 1 0] local.get 0 call 0 end end`, [4]int{-1, 41, -1, 3}},
		{"catch_all takes no payload", "", `
			block try_table [catch_all 0] local.get 0 call 0 return end end i32.const 9`, [4]int{9, 9, 9, 3}},
		{"clauses in order", "", `
			block block i32 block i32 try_table [catch 1 0, catch 2 1, catch 1 1, catch_all 2]
				local.get 0 call 0 return end unreachable
			end i32.const 100 i32.add return end i32.const 200 i32.add return end i32.const 300`,
			[4]int{300, 141, 242, 3}},
		{"values below a call stay", "", `
			block i32 i32.const 7 try_table i32 [catch 1 0] i32.const 1 i32.const 2 local.get 0 call 0 i32.add i32.add end i32.add end`,
			[4]int{-1, 41, -1, 13}},
		{"an exception of the inner goes to the outer", "", `
			block i32 try_table i32 [catch 2 0]
				block i32 try_table i32 [catch 1 0] local.get 0 call 0 end end i32.const 1000 i32.add
			end end`, [4]int{-1, 1041, 42, 1003}},
		{"labels of clauses skip the try_table", "", `
			block i32 block i32 block i32 try_table i32 [catch 1 2] local.get 0 call 0 end end i32.const 1 i32.add end i32.const 10 i32.add end`,
			[4]int{-1, 41, -1, 14}},
		{"branch out of a try_table", "", `
			block i32 block try_table [catch_all 0] i32.const 7 local.get 0 br_if 2 drop local.get 0 call 0 drop end end
			i32.const 5 end i32.const 2 i32.mul`, [4]int{10, 14, 14, 14}},
		{"parameters of a try_table", "", `
			local.get 0 i64.const 5 try_table (i32 i64 -> i32) [] drop call 0 end i32.const 2 i32.mul`,
			[4]int{-1, -1, -1, 6}},
		{"catch_ref and throw_ref", "exnref", `
			block (-> i32 exnref) try_table i32 [catch_ref 1 0, catch_ref 2 0] local.get 0 call 0 end return end
			local.set 1 i32.const 41 i32.eq if i32.const 77 return end local.get 1 throw_ref`, [4]int{-1, 77, -1, 3}},
		{"catch_all_ref keeps the payload", "exnref", `
			block i32 try_table [catch 2 0, catch 1 0]
				block exnref try_table [catch_all_ref 0] local.get 0 call 0 return end unreachable end throw_ref
			end unreachable end`, [4]int{-1, 41, 42, 3}},
		{"throw_ref of null traps", "exnref", "local.get 1 throw_ref", [4]int{-2, -2, -2, -2}},
		{"null is a constant", "", "block ref.null exnref throw_ref end i32.const 1", [4]int{-2, -2, -2, -2}},
		{"throw inside its own handler", "", `
			block i32 try_table [catch 1 0] block try_table [catch_all 0] local.get 0 call 0 return end end i32.const 8 throw 1 end unreachable end`,
			[4]int{8, 8, 8, 3}},
		{"a loop as handler", "i32", `
			block loop local.get 1 i32.const 1 i32.add local.set 1 local.get 1 i32.const 3 i32.ge_s br_if 1
				try_table [catch_all 0] local.get 0 call 0 return end end end local.get 1`, [4]int{3, 3, 3, 3}},
		{"select and locals of exnref", "exnref exnref", `
			block exnref try_table [catch_all_ref 0] local.get 0 call 0 return end unreachable end local.set 1
			local.get 1 local.get 2 i32.const 1 select_t exnref local.tee 2 throw_ref`, [4]int{-1, -1, -1, 3}},
		{"a catch at the function's own label", "", "try_table i32 [catch 1 0] local.get 0 call 0 end i32.const 1 i32.add", [4]int{-1, 41, -1, 4}},
	}
	mc := newMachine(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, o := range []Options{{}, Default()} {
				m, err := Instrument(thrower(c.locals, c.code).Bytes(), o)
				if err != nil {
					t.Fatal(err)
				}
				for arg, want := range c.want {
					if got := callThrower(t, mc, m, arg); got != want {
						t.Errorf("f(%d) = %d, want %d (fuel metered: %v)", arg, got, want, o.Fuel)
					}
				}
			}
		})
	}
}

func callThrower(t *testing.T, mc *machine, m *Module, arg int) int {
	in := mc.load(t, m.Code, m.Segments)
	res, trap := in.call("f", uint64(arg))
	switch {
	case trap != "":
		return -2
	case in.global(ExportTag) != 0:
		return -1
	}
	return int(int32(res[0]))
}

// TestUncaught shows what a host sees of an exception that nothing caught.
func TestUncaught(t *testing.T) {
	m, err := Instrument(thrower("", "local.get 0 call 0").Bytes(), Default())
	if err != nil {
		t.Fatal(err)
	}
	in := newMachine(t).load(t, m.Code, m.Segments)
	in.call("f", 2)
	if tag, payload := in.global(ExportTag), in.global(ExportPayload); tag != 3 || payload != 42 {
		t.Errorf("tag + 1 = %d, payload %d; want 3, 42", tag, payload)
	}
}

// TestOnlyWhatMayThrowIsChecked counts the looks at the flag: none after a call
// of what does not throw, or catches all, or where the function returns anyway.
func TestOnlyWhatMayThrowIsChecked(t *testing.T) {
	m := thrower("", `
		call 2  local.get 0 call 3 i32.add drop
		block try_table [catch_all 0] local.get 0 call 0 drop end end
		local.get 0 call 0`)
	m.Func("", "i32", "", "i32.const 1")
	m.Func("i32", "i32", "", "block try_table [catch_all 0] local.get 0 call 0 return end end i32.const 1")
	out, err := Instrument(m.Bytes(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := checks(t, out.Code); n != 2 {
		t.Errorf("%d looks at the exception flag, want 2", n)
	}
}

// checks counts global.get of the tag that a br_if follows.
func checks(t *testing.T, bin []byte) int {
	t.Helper()
	m, err := wasm.Decode(bin, wasm.Bounds{})
	if err != nil {
		t.Fatal(err)
	}
	tag := newGlobals(&wasm.Module{}).tag
	n := 0
	for i := range m.Code {
		r := wasm.NewReader(&m.Code[i], i, 100)
		before := false
		for in := (wasm.Instr{}); r.Next(&in); {
			if in.Op == wasm.BrIf && before {
				n++
			}
			before = in.Op == wasm.GlobalGet && in.Index == tag
		}
	}
	return n
}

// TestRefused is what can't be lowered or kept.
func TestRefused(t *testing.T) {
	cases := []struct {
		text string
		make func(m *wasmtest.Module)
	}{
		{"tag 0 of type [i64] -> []", func(m *wasmtest.Module) { m.Tag("i64") }},
		{"an exported tag", func(m *wasmtest.Module) { m.Export("t", wasm.KindTag, m.Tag("")) }},
		{"table 0 of exnref", func(m *wasmtest.Module) { m.Table("exnref", 1, 1) }},
		{"global 0 of type exnref", func(m *wasmtest.Module) { m.Global("exnref", false, "ref.null exnref") }},
		{"ref.is_null of an exnref", func(m *wasmtest.Module) { m.Func("", "", "", "ref.null exnref ref.is_null drop") }},
		{"exnref in the type of function 0", func(m *wasmtest.Module) { m.ExportFunc("f", m.Func("exnref", "", "", "")) }},
		{"call_indirect with an exnref", func(m *wasmtest.Module) {
			m.Table("funcref", 1, 1)
			m.Func("exnref", "", "", "local.get 0 i32.const 0 call_indirect 0 0")
		}},
		{"element segment 0 lies outside of its table", func(m *wasmtest.Module) {
			m.Table("funcref", 1, 1)
			m.Elem(1, m.Func("", "", "", ""))
		}},
		{"mutable global 0 of type v128", func(m *wasmtest.Module) { m.Global("v128", true, "v128.const 0 0") }},
		{`an export named "assay.fuel"`, func(m *wasmtest.Module) { m.ExportFunc("assay.fuel", m.Func("", "", "", "")) }},
		{`an export named "assay."`, func(m *wasmtest.Module) { m.ExportFunc("assay.", m.Func("", "", "", "")) }},
		{"tail calls (return_call)", func(m *wasmtest.Module) { m.Body("", "", []byte{0, 0x12, 0, 0x0b}) }},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			m := wasmtest.New()
			c.make(m)
			_, err := Instrument(m.Bytes(), Default())
			if !errors.Is(err, wasm.ErrRefused) || !strings.Contains(err.Error(), c.text) {
				t.Fatalf("got %v, want refused: %s", err, c.text)
			}
		})
	}
}
