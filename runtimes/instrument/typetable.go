package instrument

import "github.com/assay-dev/assay/runtimes/wasm"

// typeTable is the type section being written: the source's types, with exnref
// become i64, and behind them what the rewriting adds.
type typeTable struct {
	types []wasm.FuncType
	added map[string]int
}

func newTypeTable(m *wasm.Module) *typeTable {
	t := &typeTable{added: map[string]int{}}
	for _, ft := range m.Types {
		t.types = append(t.types, plainFunc(ft))
	}
	return t
}

// index finds or appends a type.
func (t *typeTable) index(ft wasm.FuncType) int {
	ft = plainFunc(ft)
	key := ft.String()
	i, ok := t.added[key]
	if !ok {
		i = len(t.types)
		t.types = append(t.types, ft)
		t.added[key] = i
	}
	return i
}

// plainType is what a type becomes.
func plainType(t wasm.ValType) wasm.ValType {
	if t == wasm.ExnRef {
		return wasm.I64
	}
	return t
}

func plainFunc(ft wasm.FuncType) wasm.FuncType {
	return wasm.FuncType{Params: plainTypes(ft.Params), Results: plainTypes(ft.Results)}
}

func plainTypes(ts []wasm.ValType) []wasm.ValType {
	out := make([]wasm.ValType, len(ts))
	for i, t := range ts {
		out[i] = plainType(t)
	}
	return out
}
