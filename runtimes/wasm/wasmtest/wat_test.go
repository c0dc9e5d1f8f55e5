package wasmtest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// The text on the left is the module on the right.
func TestWat(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       func(m *wasmtest.Module)
	}{
		{"empty", "(module)", func(*wasmtest.Module) {}},
		{"flat and folded", `(module
			(func $add (export "add") (param $a i32) (param i32) (result i32) (local $sum i64)
				local.get $a (i32.add (local.get 1) (i32.const -7)) i32.sub)) ;; comment`,
			func(m *wasmtest.Module) {
				m.ExportFunc("add", m.Func("i32 i32", "i32", "i64", "local.get 0 local.get 1 i32.const -7 i32.add i32.sub"))
			}},
		{"labels", `(func (block $out (loop $again (br_if $out (i32.const 1)) (br $again)))
			loop $l br $l end)`,
			func(m *wasmtest.Module) {
				m.Func("", "", "", "block loop i32.const 1 br_if 1 br 0 end end loop br 0 end")
			}},
		{"if", `(func (result i32) (if (result i32) (i32.const 1) (then (i32.const 2)) (else (i32.const 3))))`,
			func(m *wasmtest.Module) {
				m.Func("", "i32", "", "i32.const 1 if ( -> i32 ) i32.const 2 else i32.const 3 end")
			}},
		{"imports, memory, data, start", `
			(import "m" "exit" (func $exit (param i32)))
			(func $go (import "m" "go"))
			(memory (export "memory") 1 2)
			(data (i32.const 8) "a\00\"" "b") (data "passive")
			(func $main (call $go) (call $exit (i32.load offset=4 align=4 (i32.const 0))))
			(start $main)`,
			func(m *wasmtest.Module) {
				exit := m.Import("m", "exit", "i32", "")
				m.Import("m", "go", "", "")
				m.Export("memory", wasm.KindMemory, 0)
				m.Memory(1, 2)
				m.Data(8, []byte("a\x00\"b"))
				m.Passive([]byte("passive"))
				m.Start(m.Func("", "", "", "call 1 i32.const 0 i32.load [2, 4] call 0"))
				_ = exit
			}},
		{"tables", `(type $t (func (param i64))) (table 3 funcref) (elem (i32.const 1) $f $f)
			(func $f (type $t) (call_indirect (type $t) (i64.const 1) (i32.const 1)))
			(func (result i32) (table.grow 0 (ref.null func) (i32.const 1)))`,
			nil},
		{"globals", `(global $g (mut i32) (i32.const 5)) (func (global.set $g (global.get $g)))`,
			func(m *wasmtest.Module) {
				m.Global("i32", true, "i32.const 5")
				m.Func("", "", "", "global.get 0 global.set 0")
			}},
		{"repeat", `(@repeat 3 (func (@repeat 2 block) (@repeat 2 end))) (@custom "c" (@repeat 2 "ab" "c"))
			(func (br_table (@repeat 3 0) 0 (i32.const 1)))`,
			func(m *wasmtest.Module) {
				for range 3 {
					m.Func("", "", "", "block block end end")
				}
				m.Custom("c", []byte("abcabc"))
				m.Func("", "", "", "i32.const 1 br_table [0, 0, 0, 0]")
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := wasmtest.Wat(c.text)
			m, err := wasm.Decode(got, wasm.Bounds{})
			if err != nil {
				t.Fatalf("%v: %x", err, got)
			}
			if c.want == nil {
				if len(m.Tables) != 1 || len(m.Elems) != 1 {
					t.Errorf("%+v", m)
				}
				return
			}
			want := wasmtest.New()
			c.want(want)
			if !bytes.Equal(got, want.Bytes()) {
				t.Errorf("got  %x\nwant %x", got, want.Bytes())
			}
		})
	}
}

func TestWatBinary(t *testing.T) {
	got := wasmtest.Wat(`(module binary "\00asm" (@repeat 2 "\01\ff"))`)
	if want := []byte("\x00asm\x01\xff\x01\xff"); !bytes.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
}

// Mistakes are told with their line.
func TestWatMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"(module\n(func (frobnicate)))": "line 2: no operator \"frobnicate\"",
		"(func (call $f))":              "line 1: no func $f",
		"(func":                         "line 1: ( without its )",
		"\n\n)":                         "line 3: ) without its (",
		"(data \"":                      "line 1: a string without an end",
		"(func (br $l))":                "line 1: no label $l",
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, want) {
					t.Errorf("%q: %q, want %q", text, got, want)
				}
			}()
			wasmtest.Wat(text)
		}()
	}
}
