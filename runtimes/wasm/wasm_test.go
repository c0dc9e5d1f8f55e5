package wasm_test

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestValid is code that must be accepted, much of it for what comes after a
// branch.
func TestValid(t *testing.T) {
	cases := map[string]string{
		"dead code takes any type":   "unreachable i32.add drop",
		"dead select":                "unreachable select drop",
		"dead br_table":              "block i32 unreachable br_table [0 0] end drop",
		"values under a branch":      "i32.const 1 i64.const 2 block br 0 end drop drop",
		"block with parameters":      "i32.const 1 block (i32 -> i64) drop i64.const 2 end drop",
		"loop with parameters":       "i32.const 1 loop (i32 -> i32) end drop",
		"two results":                "block (-> i32 f32) i32.const 1 f32.const 2 end drop drop",
		"if without else, same type": "i32.const 1 i32.const 0 if (i32 -> i32) end drop",
		"try_table": `block (-> i32 exnref) block i32 try_table [catch 0 0, catch_ref 0 1, catch_all 2]
			end return end drop return end drop drop`,
		"throw":              "i32.const 1 throw 0",
		"throw_ref null":     "ref.null exnref throw_ref",
		"select with a type": "ref.null funcref ref.null funcref i32.const 1 select_t funcref drop",
		"lanes":              "i32.const 0 v128.const 1 2 v128.load8_lane [0 9] 15 i8x16.extract_lane_u 15 drop",
		"shuffle":            "v128.const 1 2 v128.const 3 4 i8x16.shuffle [0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31] drop",
		"bulk":               "i32.const 0 i32.const 0 i32.const 0 memory.init 0 data.drop 0 elem.drop 0",
		"tables":             "i32.const 0 ref.func 0 table.set 0 i32.const 0 table.get 0 drop",
	}
	for name, code := range cases {
		t.Run(name, func(t *testing.T) {
			m := wasmtest.New()
			m.Memory(1, -1)
			m.Table("funcref", 1, 1)
			m.Tag("i32")
			fn := m.Func("", "", "", code)
			m.ExportFunc("f", fn)
			m.PassiveElem(fn)
			m.Passive([]byte("x"))
			if err := validate(m.Bytes(), wasm.Bounds{}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestInvalid is code that is well-formed and wrong.
func TestInvalid(t *testing.T) {
	cases := []struct{ code, text string }{
		{"local.get 1 drop", "local 1 of 1"},
		{"global.get 0 drop", "global 0 of 0"},
		{"call 7", "function 7 of 1"},
		{"br 2", "label 2 of 1"},
		{"block i32 end drop", "i32 is wanted on an empty stack"},
		{"i32.const 1", "1 values too many"},
		{"block i32.const 1 end", "1 values too many"},
		{"i32.const 1 if i32 i32.const 1 end drop", "without else"},
		{"else", "else without if"},
		{"i64.const 1 br_if 0", "i64 on the stack, i32 is wanted"},
		{"i32.const 0 i32.load [3 0] drop", "alignment of i32.load"},
		{"i32.const 0 i32.const 0 i32.const 0 memory.init 0", "without a data count section"},
		{"throw 0", "tag 0 of 0"},
		{"i32.const 0 throw_ref", "i32 on the stack, exnref is wanted"},
		{"block i32 try_table [catch_all 0] end i32.const 1 end drop", "a catch clause gives [], its label takes [i32]"},
		{"ref.func 0 drop", "declared nowhere"},
		{"i32.const 1 ref.is_null drop", "ref.is_null of i32"},
		{"i32.const 0 call_indirect 0 2", "table 2 of 2"},
		{"i32.const 0 i32.const 0 i32.const 0 table.copy 0 1", "table.copy of externref into a table of funcref"},
		{"i32.const 0 i32.const 0 i32.const 0 table.init 0 1", "table.init of funcref into a table of externref"},
		{"v128.const 0 0 i32x4.extract_lane 4 drop", "lane 4 of 4"},
		{"v128.const 0 0 v128.const 0 0 i8x16.shuffle [0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 32] drop", "lane 32 of 32"},
		{"ref.null funcref ref.null funcref i32.const 0 select drop", "without a type"},
		{"block i32 block i32.const 0 br_table [0 1] end i32.const 0 end drop", "labels of br_table take"},
	}
	for _, c := range cases {
		t.Run(c.code, func(t *testing.T) {
			m := wasmtest.New()
			m.Memory(1, 1)
			m.Table("funcref", 1, 1)
			m.Table("externref", 1, 1)
			m.PassiveElem()
			m.Func("i32", "", "", c.code)
			err := validate(m.Bytes(), wasm.Bounds{})
			if err == nil || !strings.Contains(err.Error(), c.text) {
				t.Fatalf("got %v, want … %s …", err, c.text)
			}
		})
	}
}

// TestTableIsComplete counts the operators of WebAssembly 2.0 and exceptions.
func TestTableIsComplete(t *testing.T) {
	accepted := map[string]int{}
	for op := wasm.Op(0); op < 0x600; op++ {
		info := op.Info()
		if info.Imm == wasm.ImmUnknown || info.Imm == wasm.ImmRefused {
			continue
		}
		switch {
		case op >= wasm.PrefixFD:
			accepted["SIMD"]++
		case op >= wasm.PrefixFC:
			accepted["0xfc"]++
		default:
			accepted["core"]++
		}
		if got, ok := wasmtest.OpNamed(info.Name); !ok || got != op {
			t.Errorf("%v is found as %v", op, got)
		}
	}
	want := map[string]int{"SIMD": 236, "0xfc": 18, "core": 186}
	for group, n := range want {
		if accepted[group] != n {
			t.Errorf("%d operators of %s, want %d", accepted[group], group, n)
		}
	}
}

// TestReaderTakesWhatAsmWrites reads every operator back.
func TestReaderTakesWhatAsmWrites(t *testing.T) {
	for op := wasm.Op(0); op < 0x400; op++ {
		if imm := op.Info().Imm; imm == wasm.ImmUnknown || imm == wasm.ImmRefused {
			continue
		}
		body := wasm.AppendOp(nil, op)
		n := len(body)
		body = append(body, make([]byte, 32)...)
		switch op {
		case wasm.SelectT:
			body[n], body[n+1] = 1, byte(wasm.I32)
		case wasm.RefNull:
			body[n] = byte(wasm.FuncRef)
		}
		r := wasm.NewReader(&wasm.Code{Body: body}, 0, 10)
		var in wasm.Instr
		if !r.Next(&in) || in.Op != op || in.Start != 0 || in.End < n {
			t.Errorf("%v was read as %v from %d to %d: %v", op, in.Op, in.Start, in.End, r.Err())
		}
	}
}
