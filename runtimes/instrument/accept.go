package instrument

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// exportPrefix is kept for what the rewriting exports.
const exportPrefix = "assay."

// accept refuses what the lowering and the snapshots can't carry.
func accept(m *wasm.Module, o Options) error {
	for _, check := range []func(*wasm.Module) error{acceptExports, acceptTags, acceptExnRefs} {
		if err := check(m); err != nil {
			return err
		}
	}
	if !o.State {
		return nil
	}
	return acceptState(m)
}

func refuse(format string, args ...any) error {
	return &wasm.Error{Kind: wasm.ErrRefused, Func: -1, Text: fmt.Sprintf(format, args...)}
}

func acceptExports(m *wasm.Module) error {
	for _, e := range m.Exports {
		if strings.HasPrefix(e.Name, exportPrefix) {
			return refuse("an export named %q: the prefix %q is taken", e.Name, exportPrefix)
		}
		if e.Kind == wasm.KindTag {
			return refuse("an exported tag (%q)", e.Name)
		}
	}
	return nil
}

func acceptTags(m *wasm.Module) error {
	if m.ImportedTags > 0 {
		return refuse("an imported tag")
	}
	for i, ty := range m.Tags {
		if p := m.Types[ty].Params; len(p) > 1 || len(p) == 1 && p[0] != wasm.I32 {
			return refuse("tag %d of type %v: only [] and [i32] are lowered", i, m.Types[ty])
		}
	}
	return nil
}

// acceptExnRefs refuses exnref where its becoming an i64 could be seen: in
// tables and globals, and in what is called by a type or from outside.
func acceptExnRefs(m *wasm.Module) error {
	for i, t := range m.Tables {
		if t.Elem == wasm.ExnRef {
			return refuse("table %d of exnref", i)
		}
	}
	for i, g := range m.Globals {
		if g.Type == wasm.ExnRef {
			return refuse("global %d of type exnref", i)
		}
	}
	for i, s := range m.Elems {
		if s.Type == wasm.ExnRef {
			return refuse("element segment %d of exnref", i)
		}
	}
	for fn, ty := range m.Funcs {
		if hasExnRef(m.Types[ty]) && (fn < m.ImportedFuncs || m.Declared(uint32(fn))) {
			return refuse("exnref in the type of function %d, which others can call", fn)
		}
	}
	return nil
}

func hasExnRef(t wasm.FuncType) bool {
	return slices.Contains(t.Params, wasm.ExnRef) || slices.Contains(t.Results, wasm.ExnRef)
}

// acceptState refuses what an image can't hold.
func acceptState(m *wasm.Module) error {
	for i, g := range m.Globals {
		if g.Mutable && (g.Type == wasm.V128 || g.Type.IsRef()) {
			return refuse("mutable global %d of type %v, which an image can't hold", i, g.Type)
		}
	}
	for i, s := range m.Elems {
		if outOfTable(m, s) {
			return refuse("element segment %d lies outside of its table", i)
		}
	}
	for i, s := range m.Data {
		if s.Mode == wasm.Active && s.Offset.Op != wasm.I32Const {
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
