package instrument

import (
	"errors"
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestBombs grows what takes long to compile until it is refused: by a count, of
// what it is that takes long, and before it is large.
func TestBombs(t *testing.T) {
	const most = 40 << 20 // bytes
	for _, b := range wasmtest.Bombs() {
		t.Run(b.Name, func(t *testing.T) {
			t.Parallel()
			for n := 4; ; n *= 4 {
				bin := b.Make(n)
				_, err := Instrument(bin, Default())
				var refused *wasm.Error
				switch {
				case errors.As(err, &refused) && (refused.Kind == wasm.ErrTooMuch || refused.Kind == wasm.ErrTooBig):
					if b.Reason != "" && !strings.Contains(err.Error(), b.Reason) {
						t.Errorf("%v; want %q", err, b.Reason)
					}
					return
				case err != nil:
					t.Fatal(err)
				case len(bin) > most:
					t.Fatalf("%d bytes are not refused", len(bin))
				}
			}
		})
	}
}

// TestBillIsOfTheModule: what is little in each function adds up.
func TestBillIsOfTheModule(t *testing.T) {
	module := func(functions int) []byte {
		m := wasmtest.New()
		for range functions {
			m.Func("i32", "", "", strings.Repeat("loop local.get 0 br_if 0 end ", 500))
		}
		return m.Bytes()
	}
	o := Default()
	if _, err := Instrument(module(1), o); err != nil {
		t.Fatal(err)
	}
	o.CompileSteps = 20_000_000
	if _, err := Instrument(module(1), o); err != nil {
		t.Fatal(err)
	}
	if _, err := Instrument(module(50), o); !errors.Is(err, wasm.ErrTooMuch) || !strings.Contains(err.Error(), "(at most 20000000)") {
		t.Fatalf("got %v", err)
	}
	o.CompileSteps = -1
	if _, err := Instrument(module(50), o); err != nil {
		t.Fatal(err)
	}
}

// TestShape measures functions that can be measured by hand.
func TestShape(t *testing.T) {
	cases := []struct {
		name, params, code string
		want               shape
	}{
		{"nothing", "", "", shape{ops: 1, blocks: 1}},
		{"a block is no place to go to", "", "block end", shape{ops: 3, blocks: 1}},
		// To the arm and past it, both from the start, and from the arm to the end;
		// one local.
		{"an if", "i32", "local.get 0 if end", shape{ops: 4, passed: 1, blocks: 3, way: 1, values: 3, carry: 1}},
		// The loop's start, its back edge, and on.
		{"a loop", "i32", "loop local.get 0 br_if 0 end", shape{ops: 5, passed: 1, blocks: 3, way: 2, values: 3, carry: 2, merge: 1, rounds: 1, nests: 1 + stepsNested}},
		{"calls", "i32", "local.get 0 call 0 drop", shape{ops: 4, heavy: 1, passed: 3, blocks: 1}},
		// The first is of an unknown value; a call breaks the chain of what is stored.
		{"sums of sums", "i32", "local.get 0 i32.const 1 i32.add i32.const 2 i32.add i32.const 3 i32.mul local.set 0", shape{ops: 9, passed: 1, blocks: 1, folds: 2}},
		{"sums of sums by way of a local", "i32", "local.get 0 i32.const 1 i32.add local.tee 0 i32.const 2 i32.sub drop", shape{ops: 8, passed: 1, blocks: 1, folds: 1}},
		{"a division", "i32", "local.get 0 local.get 0 i32.div_u drop", shape{ops: 5, heavy: 1, passed: 1, blocks: 1}},
		{"dead code", "", "unreachable i32.add loop br 0 end", shape{ops: 6, blocks: 1}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := wasmtest.New()
			m.Func("i32", "i32", "", "local.get 0")
			fn := m.Func(c.params, "", "", c.code)
			decoded, err := wasm.Decode(m.Bytes(), wasm.Bounds{})
			if err != nil {
				t.Fatal(err)
			}
			w := &rewriter{m: decoded, types: newTypeTable(decoded)}
			w.o.Bounds = w.o.Bounds.WithDefaults()
			code := &decoded.Code[fn]
			w.out = code.Body
			var g gauge
			got, err := g.function(w, fn, code)
			if c.want.bytes = int64(len(code.Body)); err != nil || *got != c.want {
				t.Errorf("%v\n%+v, want\n%+v", err, *got, c.want)
			}
		})
	}
}
