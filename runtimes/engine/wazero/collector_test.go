package wazero

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/assay-dev/assay/runtimes/engine/enginetest"
	"github.com/assay-dev/assay/runtimes/guest"
)

// collections counts the collector's cycles so far.
func collections() uint32 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.NumGC
}

var sink [][]byte

// TestGarbageIsCollectedBetweenGuests makes more garbage than is worth a
// collection: none begins while the guest is in its host call, one does when
// the guest has ended.
func TestGarbageIsCollectedBetweenGuests(t *testing.T) {
	var before, within uint32
	e, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	code, err := e.Compile(bg, enginetest.Module(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer code.Close()
	ask := func(guest.Caller, []uint64) (uint64, error) {
		before = collections()
		for range 2 * collectAfter >> 20 {
			sink = append(sink, make([]byte, 1<<20))
		}
		sink = nil
		within = collections()
		return 0, nil
	}
	inst, err := code.New(bg, enginetest.Functions(ask, nil), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close(bg)
	if _, err := inst.Call(bg, "ask", 0, 0); err != nil {
		t.Fatal(err)
	}
	if within != before {
		t.Errorf("%d collections while a guest ran", within-before)
	}
	if after := collections(); after == within {
		t.Error("no collection when no guest ran any more")
	}
}

func TestSettingsAreGivenBack(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(123))
	var g governor
	g.engine(1)
	stop := g.compiling()
	if got := debug.SetGCPercent(compilePercent); got != compilePercent {
		t.Errorf("while compiling: %d", got)
	}
	stop()
	if got := debug.SetGCPercent(-1); got != -1 {
		t.Errorf("with an engine: %d", got)
	}
	g.engine(-1)
	if got := debug.SetGCPercent(123); got != 123 {
		t.Errorf("afterwards: %d, want 123", got)
	}
}
