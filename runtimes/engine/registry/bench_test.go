package registry

import (
	"testing"

	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/engine/enginetest"
	"github.com/assay-dev/assay/runtimes/guest"
)

// onEach runs a benchmark with the test guest on every engine.
func onEach(b *testing.B, f func(b *testing.B, inst engine.Instance)) {
	for _, name := range BuiltIn() {
		b.Run(name, func(b *testing.B) {
			e, err := New(name, nil)
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			code, err := e.Compile(bg, enginetest.Module(), nil)
			if err != nil {
				b.Fatal(err)
			}
			defer code.Close()
			ask := func(c guest.Caller, _ []uint64) (uint64, error) {
				c.Charge(1)
				return uint64(len(c.Memory())), nil
			}
			inst, err := code.New(bg, enginetest.Functions(ask, nil), 0)
			if err != nil {
				b.Fatal(err)
			}
			defer inst.Close(bg)
			inst.SetFuel(1 << 62)
			f(b, inst)
		})
	}
}

// BenchmarkCall calls a guest that does next to nothing.
func BenchmarkCall(b *testing.B) {
	onEach(b, func(b *testing.B, inst engine.Instance) {
		for b.Loop() {
			if _, err := inst.Call(bg, "add", 1, 2); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkHostCall has the guest call the host, which does next to nothing.
func BenchmarkHostCall(b *testing.B) {
	onEach(b, func(b *testing.B, inst engine.Instance) {
		for b.Loop() {
			if _, err := inst.Call(bg, "ask", 1, 2); err != nil {
				b.Fatal(err)
			}
		}
	})
}
