package instrument

import (
	"crypto/sha256"
	"fmt"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// Instrument rewrites a module. It refuses, with a *wasm.Error, one that is
// malformed, over the bounds, or uses what can't be run the same everywhere.
func Instrument(bin []byte, o Options) (*Module, error) {
	o = o.withDefaults()
	m, err := wasm.Decode(bin, o.Bounds)
	if err != nil {
		return nil, fmt.Errorf("reading the module: %w", err)
	}
	if err := accept(m, o); err != nil {
		return nil, fmt.Errorf("instrumenting the module: %w", err)
	}
	a, err := analyse(m, o)
	if err != nil {
		return nil, fmt.Errorf("validating the module: %w", err)
	}
	w := &rewriter{a: a, m: m, o: o, g: newGlobals(m), types: newTypeTable(m)}
	code, err := w.code()
	if err != nil {
		return nil, fmt.Errorf("rewriting the module: %w", err)
	}
	out := &Module{Hash: hash(bin, o)}
	exports := w.exports(out)
	data, segments := w.data()
	out.Segments = segments
	out.Code = w.assemble(code, exports, data)
	return out, nil
}

// hash is over everything that the result depends on.
func hash(bin []byte, o Options) (sum [32]byte) {
	h := sha256.New()
	fmt.Fprintln(h, o.ID())
	h.Write(bin)
	h.Sum(sum[:0])
	return sum
}

// revision changes whenever the rewriting does, so that caches notice.
const revision = "7"
