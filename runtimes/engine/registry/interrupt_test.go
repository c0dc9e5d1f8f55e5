package registry

import (
	"errors"
	"testing"

	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/instrument"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestInterrupt ends loops of every shape from outside. Their functions look at
// the stop flag on entry too (they may call themselves), so that an optimiser
// might think that one look is enough.
func TestInterrupt(t *testing.T) {
	// forever is true, which no compiler knows.
	const forever, again = "i32.const 0 i32.load i32.eqz ", " i32.const 0 call 1"
	for name, code := range map[string]string{
		"empty":           "loop " + forever + "br_if 0 end" + again,
		"counting":        "loop local.get 0 i32.const 1 i32.add local.set 0 " + forever + "br_if 0 end" + again,
		"two ways":        "loop " + forever + "br_if 0 " + forever + "br_if 0 end" + again,
		"inner":           "loop loop " + forever + "br_if 0 end " + forever + "br_if 0 end" + again,
		"outer":           "loop loop " + forever + "i32.eqz br_if 0 end " + forever + "br_if 0 end" + again,
		"after another":   "i32.const 9 local.set 0 loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end loop " + forever + "br_if 0 end" + again,
		"in a branch":     forever + "if loop " + forever + "br_if 0 end end" + again,
		"after a call":    "i32.const 0 if" + again + " end loop " + forever + "br_if 0 end" + again,
		"storing":         "loop i32.const 4 i32.const 4 i32.store " + forever + "br_if 0 end" + again,
		"of calls":        "loop call 2 " + forever + "br_if 0 end" + again,
		"block parameter": "i32.const 1 loop (i32 -> ) drop i32.const 1 " + forever + "br_if 0 drop end" + again,
	} {
		m := wasmtest.New()
		m.Import("env", "begun", "", "")
		m.Memory(1, 1)
		spin := m.Func("i32", "", "", code)
		m.Func("", "", "", "nop")
		m.ExportFunc("f", m.Func("", "", "", "call 0 i32.const 0 call 1"))
		if spin != 1 {
			t.Fatal(spin)
		}
		im, err := instrument.Instrument(m.Bytes(), instrument.Default())
		if err != nil {
			t.Fatal(name, err)
		}
		for _, engineName := range BuiltIn() {
			t.Run(name+"/"+engineName, func(t *testing.T) { interrupt(t, engineName, im) })
		}
	}
}

func interrupt(t *testing.T, name string, m *instrument.Module) {
	begun := make(chan struct{})
	inst := open(t, name, m, []guest.Function{{Module: "env", Name: "begun",
		Call: func(guest.Caller, []uint64) (uint64, error) { close(begun); return 0, nil }}})
	inst.SetFuel(1 << 62)
	go func() {
		<-begun
		inst.Interrupt()
	}()
	if _, err := inst.Call(bg, "f"); !errors.Is(err, engine.ErrInterrupted) {
		t.Errorf("it ended with %v", err)
	}
}
