package wasm_test

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// validate decodes a module and checks all its code.
func validate(bin []byte, b wasm.Bounds) error {
	m, err := wasm.Decode(bin, b)
	if err != nil {
		return err
	}
	v := wasm.NewValidator(m, b)
	var in wasm.Instr
	for fn := m.ImportedFuncs; fn < len(m.Funcs); fn++ {
		v.Begin(fn)
		for v.Next(&in) {
		}
		if err := v.Err(); err != nil {
			return err
		}
	}
	return nil
}

func section(id wasm.SectionID, payload ...byte) []byte {
	w := wasm.NewWriter(0)
	w.Section(id, append([]byte{}, payload...))
	return w.Bytes()
}

func TestHostileModules(t *testing.T) {
	oneFunc := func(code string) []byte {
		m := wasmtest.New()
		m.Func("", "", "", code)
		return m.Bytes()
	}
	locals := func(body ...byte) []byte {
		m := wasmtest.New()
		m.Body("", "", body)
		return m.Bytes()
	}
	manyFuncs := wasmtest.New()
	manyFuncs.Type("", "")
	million := wasm.AppendU32(nil, 1_000_000)
	cases := []struct {
		name string
		bin  []byte
		kind error
		text string
	}{
		{"empty", nil, wasm.ErrMalformed, "not a WebAssembly module"},
		{"version 2", []byte("\x00asm\x02\x00\x00\x00"), wasm.ErrMalformed, "version 1"},
		{"a million functions", append(manyFuncs.Bytes(),
			section(wasm.SecFunction, append(million, make([]byte, 1_000_000)...)...)[8:]...),
			wasm.ErrTooBig, "1000000 functions"},
		{"a million functions announced in five bytes", section(wasm.SecFunction, million...), wasm.ErrTooBig, "1000000 functions"},
		{"a million locals", locals(append(append([]byte{1}, million...), 0x7f, 0x0b)...), wasm.ErrTooBig, "1000000 locals"},
		{"four billion locals", locals(1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0x0b), wasm.ErrTooBig, "4294967295 locals"},
		{"four billion locals twice", locals(2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0x0b), wasm.ErrTooBig, "locals"},
		{"blocks 50,000 deep", oneFunc(strings.Repeat("block ", 50_000) + strings.Repeat("end ", 50_000)), wasm.ErrTooBig, "nested deeper"},
		{"100 MB of custom sections", section(wasm.SecCustom, make([]byte, 100<<20)...), wasm.ErrTooBig, "custom sections"},
		{"a section longer than the module", append(wasm.NewWriter(0).Bytes(), 1, 0xff, 0x7f), wasm.ErrMalformed, "bytes announced"},
		{"LEB too long", section(wasm.SecType, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00), wasm.ErrMalformed, "longer than 32 bits"},
		{"LEB with bits past the 32nd", section(wasm.SecType, 0xff, 0xff, 0xff, 0xff, 0x1f), wasm.ErrMalformed, "longer than 32 bits"},
		{"LEB without an end", section(wasm.SecType, 0x80, 0x80), wasm.ErrMalformed, "unexpected end"},
		{"signed LEB too long", locals(0, 0x41, 0x80, 0x80, 0x80, 0x80, 0x08, 0x1a, 0x0b), wasm.ErrMalformed, "longer than 32 bits"},
		{"a name that is not UTF-8", section(wasm.SecImport, 1, 2, 0xc3, 0x28, 0, 0, 0), wasm.ErrMalformed, "not UTF-8"},
		{"a custom section's name that is not UTF-8", section(wasm.SecCustom, 1, 0xff), wasm.ErrMalformed, "not UTF-8"},
		{"four billion types", section(wasm.SecType, 0xff, 0xff, 0xff, 0xff, 0x0f), wasm.ErrTooBig, "types"},
		{"sections twice", append(section(wasm.SecType, 0), section(wasm.SecType, 0)[8:]...), wasm.ErrMalformed, "out of order"},
		{"unknown section", section(14), wasm.ErrMalformed, "unknown section 14"},
		{"bytes left over", section(wasm.SecType, 0, 0), wasm.ErrMalformed, "left over"},
		{"a code section without functions", section(wasm.SecCode, 1, 2, 0, 0x0b), wasm.ErrMalformed, "0 functions declared"},
		{"a huge br_table", oneFunc("i32.const 0 br_table [" + strings.Repeat("0 ", 200_000) + "]"), wasm.ErrTooBig, "br_table"},
		{"many tables", section(wasm.SecTable, 3, 0x70, 0, 0xff, 0xff, 0x1f, 0x70, 0, 0xff, 0xff, 0x1f, 0x70, 0, 0), wasm.ErrTooBig, "tables of 1048574"},
		{"a table of 2^31", section(wasm.SecTable, 1, 0x70, 0, 0x80, 0x80, 0x80, 0x80, 0x08), wasm.ErrTooBig, "tables of 2147483648"},
		{"a memory of 4 GiB", section(wasm.SecMemory, 1, 0, 0x80, 0x80, 0x04), wasm.ErrTooBig, "65536 pages"},
		{"code cut off", locals(0, 0x41), wasm.ErrMalformed, "unexpected end"},
		{"code without an end", locals(0, 0x01), wasm.ErrMalformed, "inside of a block"},
		{"code after the end", locals(0, 0x0b, 0x0b), wasm.ErrMalformed, "after the end"},
		{"an empty stack", oneFunc("i32.add drop"), wasm.ErrMalformed, "empty stack"},
		{"a wrong type", oneFunc("i32.const 1 i64.const 1 i32.add drop"), wasm.ErrMalformed, "i64 on the stack, i32 is wanted"},
		{"an unknown operator", locals(0, 0xff, 0x0b), wasm.ErrMalformed, "unknown operator"},
		{"an unknown prefixed operator", locals(0, 0xfd, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x0b), wasm.ErrMalformed, "unknown operator"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := validate(c.bin, wasm.Bounds{})
			if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.text) {
				t.Fatalf("got %v, want %v: … %s …", err, c.kind, c.text)
			}
		})
	}
}

func TestRefusedProposals(t *testing.T) {
	code := func(bytes ...byte) []byte {
		m := wasmtest.New()
		m.Memory(1, 1)
		m.Body("", "", append(append([]byte{0}, bytes...), 0x0b))
		return m.Bytes()
	}
	cases := []struct {
		text string
		bin  []byte
	}{
		{"tail calls (return_call)", code(0x12, 0)},
		{"tail calls (return_call_indirect)", code(0x13, 0, 0)},
		{"legacy exceptions (try)", code(0x06, 0x40, 0x0b)},
		{"legacy exceptions (catch_all)", code(0x19)},
		{"legacy exceptions (delegate)", code(0x18, 0)},
		{"threads (memory.atomic.notify)", code(0xfe, 0x00, 0, 0)},
		{"threads (shared memory)", section(wasm.SecMemory, 1, 3, 1, 1)},
		{"relaxed SIMD (f32x4.relaxed_madd)", code(0xfd, 0x85, 0x02)},
		{"memory64 (64-bit memory)", section(wasm.SecMemory, 1, 4, 1)},
		{"multi-memory (a second memory)", section(wasm.SecMemory, 2, 0, 1, 0, 1)},
		{"multi-memory (memory 1)", code(0x3f, 1, 0x1a)},
		{"multi-memory (i32.load with a memory index)", code(0x41, 0, 0x28, 0x42, 0, 0, 0x1a)},
		{"GC (type form 0x5f)", section(wasm.SecType, 1, 0x5f, 0)},
		{"GC", code(0xfb, 0x00, 0)},
		{"typed references (call_ref)", code(0x14, 0)},
		{"typed references (0x64)", section(wasm.SecTable, 1, 0x64, 0x70, 0, 1)},
		{"typed references (a table with an initial value)", section(wasm.SecTable, 1, 0x40, 0, 0x70, 0, 1, 0xd0, 0x70, 0x0b)},
		{"extended constant expressions (i32.add)", section(wasm.SecGlobal, 1, 0x7f, 0, 0x41, 1, 0x6a, 0x0b)},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			err := validate(c.bin, wasm.Bounds{})
			if !errors.Is(err, wasm.ErrRefused) || !strings.Contains(err.Error(), "refused: "+c.text) {
				t.Fatalf("got %v, want refused: %s", err, c.text)
			}
		})
	}
}

// TestErrorsNameTheirPlace holds that an error leads to the function and byte.
func TestErrorsNameTheirPlace(t *testing.T) {
	m := wasmtest.New()
	m.Import("env", "f", "", "")
	m.Func("", "", "", "nop")
	m.Func("", "", "", "nop nop call 9")
	bin := m.Bytes()
	var e *wasm.Error
	if err := validate(bin, wasm.Bounds{}); !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	if at := bytes.Index(bin, []byte{0x10, 9}); e.Func != 2 || e.Offset != at {
		t.Errorf("function %d, offset %#x; want 2, %#x", e.Func, e.Offset, at)
	}
}

// TestCountsTakeNoMemory announces much in few bytes, where bounds allow it.
func TestCountsTakeNoMemory(t *testing.T) {
	loose := wasm.Bounds{
		Types: 1 << 31, Functions: 1 << 31, Imports: 1 << 31, Globals: 1 << 31, Exports: 1 << 31,
		Segments: 1 << 31, SegmentLen: 1 << 31, Tables: 1 << 31, Params: 1 << 31, BrTargets: 1 << 31,
		Tags: 1 << 31,
	}
	many := []byte{0xff, 0xff, 0xff, 0xff, 0x07}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for id := wasm.SecType; id <= wasm.SecTag; id++ {
		if err := validate(section(id, many...), loose); err == nil {
			t.Errorf("section %d was accepted", id)
		}
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("%d bytes allocated for a few bytes of input", took)
	}
}

// TestWorkIsBounded meets code that is short to write and long to check.
func TestWorkIsBounded(t *testing.T) {
	m := wasmtest.New()
	wide := strings.Repeat("i64 ", 500)
	f := m.Func(wide, wide, "", "unreachable")
	call := append([]byte{0x00}, bytes.Repeat(wasm.AppendU32([]byte{0x10}, uint32(f)), 20_000)...)
	m.FuncBytes("", "", "", append(call, 0x00))
	err := validate(m.Bytes(), wasm.Bounds{Work: 1_000_000})
	if !errors.Is(err, wasm.ErrTooMuch) || !strings.Contains(err.Error(), "steps to validate") {
		t.Fatalf("got %v", err)
	}
}
