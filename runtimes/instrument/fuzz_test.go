package instrument

import (
	"errors"
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// FuzzInstrument rewrites anything: it is refused with a *wasm.Error, or what
// comes out is valid and uses nothing that was to be lowered.
func FuzzInstrument(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(newGenerator(seed, seed%2 == 0).module(), uint8(seed*31))
	}
	bounds := wasm.Bounds{Bytes: 1 << 20, Locals: 1000, Nesting: 100, Work: 1 << 20, TableSize: 1000}
	f.Fuzz(func(t *testing.T, bin []byte, passes uint8) {
		on := func(bit int) bool { return passes>>bit&1 == 1 }
		o := Options{Fuel: on(0), Stop: on(1), Depth: on(2), NaN: on(3), Memory: on(4), State: on(5), chargeChecks: on(6), Bounds: bounds}
		m, err := Instrument(bin, o)
		if err != nil {
			var e *wasm.Error
			if !errors.As(err, &e) {
				t.Fatalf("an error of type %T: %v", err, err)
			}
			return
		}
		checkLowered(t, m.Code)
	})
}

// checkLowered holds that a module is valid and free of exceptions.
func checkLowered(t *testing.T, bin []byte) {
	t.Helper()
	m, err := wasm.Decode(bin, wasm.Bounds{})
	if err != nil {
		t.Fatalf("the result is no module: %v", err)
	}
	if len(m.Tags) > 0 {
		t.Error("a tag is left")
	}
	v := wasm.NewValidator(m, wasm.Bounds{})
	for fn := m.ImportedFuncs; fn < len(m.Funcs); fn++ {
		v.Begin(fn)
		for in := (wasm.Instr{}); v.Next(&in); {
			switch in.Op {
			case wasm.TryTable, wasm.Throw, wasm.ThrowRef:
				t.Errorf("%v is left in function %d", in.Op, fn)
			}
		}
		if err := v.Err(); err != nil {
			t.Fatalf("the result is not valid: %v", err)
		}
	}
}
