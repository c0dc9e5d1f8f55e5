package registry

import (
	"errors"
	"testing"

	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/instrument"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestCore: a guest of a core that calls a function outside of it is missing something,
// however it came there and whatever a host function makes of that; one that doesn't
// uses the same fuel as on the whole. The whole of a module doesn't depend on its core.
func TestCore(t *testing.T) {
	m := wasmtest.New()
	host := m.Import("env", "host", "", "")
	m.Memory(1, 1)
	outside := m.Func("", "i32", "", "i32.const 7")
	if host != 0 || outside != 1 {
		t.Fatal(host, outside)
	}
	m.ExportFunc("well", m.Func("", "i32", "", "i32.const 1 i32.const 2 i32.add"))
	m.ExportFunc("misses", m.Func("", "i32", "", "call 1"))
	m.ExportFunc("nested", m.Func("", "i32", "", "call 0 i32.const 3"))
	core := make(instrument.Set, 1)
	for fn := 2; fn < 5; fn++ {
		core.Add(fn)
	}
	whole, err := instrument.Instrument(m.Bytes(), instrument.Default())
	if err != nil {
		t.Fatal(err)
	}
	part, err := instrument.InstrumentCore(m.Bytes(), instrument.Default(), core)
	if err != nil {
		t.Fatal(err)
	}
	if part.Whole != whole.Hash || part.Hash == whole.Hash || part.Hash != instrument.HashOfCore(whole.Hash, core) {
		t.Error("hashes of the whole and its core")
	}
	for _, name := range BuiltIn() {
		t.Run(name, func(t *testing.T) {
			var insts [2]engine.Instance
			for i, im := range []*instrument.Module{whole, part} {
				insts[i] = open(t, name, im, []guest.Function{{Module: "env", Name: "host",
					Call: func(guest.Caller, []uint64) (uint64, error) {
						_, _ = insts[i].Nested(bg, "misses") // and says nothing of it
						return 0, nil
					}}})
				insts[i].SetFuel(1000)
			}
			state := insts[1].Globals()
			for _, call := range []struct {
				export  string
				missing bool
			}{{"well", false}, {"misses", true}, {"nested", true}, {"well", false}} {
				insts[0].Reset(state)
				insts[1].Reset(state)
				insts[0].SetFuel(1000)
				insts[1].SetFuel(1000)
				_, err := insts[0].Call(bg, call.export)
				if err != nil {
					t.Fatal(call.export, err)
				}
				_, err = insts[1].Call(bg, call.export)
				if errors.Is(err, engine.ErrMissing) != call.missing || !call.missing && insts[0].Used() != insts[1].Used() {
					t.Errorf("%s: %v, fuel %d and %d", call.export, err, insts[0].Used(), insts[1].Used())
				}
			}
		})
	}
}
