package instrument

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"assay/runtimes/wasm"
)

// exportPrefix is kept for what the rewriting exports.
const exportPrefix = "assay."

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
const revision = "1"

// accept refuses what the lowering and the snapshots can't carry.
func accept(m *wasm.Module, o Options) error {
	refuse := func(format string, args ...any) error {
		return &wasm.Error{Kind: wasm.ErrRefused, Func: -1, Text: fmt.Sprintf(format, args...)}
	}
	for _, e := range m.Exports {
		if strings.HasPrefix(e.Name, exportPrefix) {
			return refuse("an export named %q: the prefix %q is taken", e.Name, exportPrefix)
		}
		if e.Kind == wasm.KindTag {
			return refuse("an exported tag (%q)", e.Name)
		}
	}
	if m.ImportedTags > 0 {
		return refuse("an imported tag")
	}
	for i, ty := range m.Tags {
		if p := m.Types[ty].Params; len(p) > 1 || len(p) == 1 && p[0] != wasm.I32 {
			return refuse("tag %d of type %v: only [] and [i32] are lowered", i, m.Types[ty])
		}
	}
	for i, t := range m.Tables {
		if t.Elem == wasm.ExnRef {
			return refuse("table %d of exnref", i)
		}
	}
	for i, g := range m.Globals {
		if g.Type == wasm.ExnRef {
			return refuse("global %d of type exnref", i)
		}
		if o.State && g.Mutable && (g.Type == wasm.V128 || g.Type.IsRef()) {
			return refuse("mutable global %d of type %v, which an image can't hold", i, g.Type)
		}
	}
	for i, s := range m.Elems {
		if s.Type == wasm.ExnRef {
			return refuse("element segment %d of exnref", i)
		}
		if o.State && outOfTable(m, s) {
			return refuse("element segment %d lies outside of its table", i)
		}
	}
	for i, s := range m.Data {
		if o.State && s.Mode == wasm.Active && s.Offset.Op != wasm.I32Const {
			return refuse("data segment %d at an offset that is no constant", i)
		}
	}
	return nil
}

// outOfTable says whether an active segment surely traps when an instance is
// made; not all engines do.
func outOfTable(m *wasm.Module, s wasm.Elem) bool {
	if s.Mode != wasm.Active || s.Offset.Op != wasm.I32Const || int(s.Table) < m.ImportedTables {
		return false
	}
	end := int64(uint32(s.Offset.Value)) + int64(s.Len)
	return end > int64(m.Tables[s.Table].Limits.Min)
}
