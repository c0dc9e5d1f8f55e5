package instrument

import (
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// Every table gets a maximum: its own, or its share of what tables may take.
func TestTablesAreBounded(t *testing.T) {
	bin := wasmtest.Wat(`(table 10 funcref) (table 5 7 funcref) (table 5 500 externref) (table 0 0 funcref)`)
	o := Default()
	o.TableElements = 100
	rewritten, err := Instrument(bin, o)
	if err != nil {
		t.Fatal(err)
	}
	m, err := wasm.Decode(rewritten.Code, wasm.Bounds{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []uint32{30, 7, 25, 0} {
		if got := m.Tables[i].Limits; !got.HasMax || got.Max != want {
			t.Errorf("table %d grows to %d, want %d", i, got.Max, want)
		}
	}
}
