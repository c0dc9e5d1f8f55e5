package instrument

import (
	"errors"
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestOutputIsBounded: code that grows much is refused before it is all there.
func TestOutputIsBounded(t *testing.T) {
	m := wasmtest.New()
	m.Func("", "", "", "")
	for range 100 {
		m.Func("", "", "", strings.Repeat("call 0 ", 1000))
	}
	o := Default()
	o.OutputBytes = 500_000
	_, err := Instrument(m.Bytes(), o)
	if !errors.Is(err, wasm.ErrTooMuch) || !strings.Contains(err.Error(), "500000 bytes of rewritten code") {
		t.Fatalf("got %v", err)
	}
}

// BenchmarkInstrument rewrites a module of random functions with all passes.
func BenchmarkInstrument(b *testing.B) {
	g := newGenerator(1, true)
	for range 2000 {
		g.extra = append(g.extra, signature{paramTypes, "i64"})
	}
	bin := g.module()
	b.SetBytes(int64(len(bin)))
	for b.Loop() {
		if _, err := Instrument(bin, Default()); err != nil {
			b.Fatal(err)
		}
	}
}
