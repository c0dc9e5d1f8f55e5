package wasmtest

import (
	"slices"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// Module is a module being made. Imported functions come before defined ones:
// call Import before Func.
type Module struct {
	types                                      []wasm.FuncType
	imports, funcs, tables, memories, tags     [][]byte
	globals, exports, elems, codes, data, tail [][]byte
	imported                                   int
	start                                      int
}

// New makes an empty module.
func New() *Module { return &Module{start: -1} }

// Types is short for a list of value types: "i32 i64 funcref".
func Types(names string) []wasm.ValType {
	var ts []wasm.ValType
	for _, w := range words(names) {
		ts = append(ts, valType(w))
	}
	return ts
}

// Type returns the index of a function type, in words: "i32 i32", "i64".
func (m *Module) Type(params, results string) int {
	ft := wasm.FuncType{Params: Types(params), Results: Types(results)}
	if i := slices.IndexFunc(m.types, ft.Equal); i >= 0 {
		return i
	}
	m.types = append(m.types, ft)
	return len(m.types) - 1
}

// Import imports a function and returns its index.
func (m *Module) Import(module, name, params, results string) int {
	b := wasm.AppendName(wasm.AppendName(nil, module), name)
	m.imports = append(m.imports, wasm.AppendU32(append(b, 0), uint32(m.Type(params, results))))
	m.imported++
	return m.imported - 1
}

// Func defines a function and returns its index. The last end of the code is
// added.
func (m *Module) Func(params, results, locals, code string) int {
	return m.FuncBytes(params, results, locals, m.Asm(code))
}

// FuncBytes is Func with the code in bytes.
func (m *Module) FuncBytes(params, results, locals string, code []byte) int {
	m.funcs = append(m.funcs, wasm.AppendU32(nil, uint32(m.Type(params, results))))
	runs := []wasm.LocalRun{}
	for _, t := range Types(locals) {
		runs = append(runs, wasm.LocalRun{Count: 1, Type: t})
	}
	body := append(append(wasm.AppendLocals(nil, runs), code...), byte(wasm.End))
	m.codes = append(m.codes, append(wasm.AppendU32(nil, uint32(len(body))), body...))
	return m.imported + len(m.funcs) - 1
}

// Body defines a function by the bytes of its whole body, locals included.
func (m *Module) Body(params, results string, body []byte) int {
	m.funcs = append(m.funcs, wasm.AppendU32(nil, uint32(m.Type(params, results))))
	m.codes = append(m.codes, append(wasm.AppendU32(nil, uint32(len(body))), body...))
	return m.imported + len(m.funcs) - 1
}

// Memory adds a memory of min to max pages; max < 0 for none.
func (m *Module) Memory(min, max int) { m.memories = append(m.memories, limits(min, max)) }

// Table adds a table and returns its index.
func (m *Module) Table(elem string, min, max int) int {
	m.tables = append(m.tables, append([]byte{byte(valType(elem))}, limits(min, max)...))
	return len(m.tables) - 1
}

// Tag adds an exception tag and returns its index.
func (m *Module) Tag(params string) int {
	m.tags = append(m.tags, wasm.AppendU32([]byte{0}, uint32(m.Type(params, ""))))
	return len(m.tags) - 1
}

// Global adds a global and returns its index. init is code: "i32.const 7".
func (m *Module) Global(t string, mutable bool, init string) int {
	b := []byte{byte(valType(t)), 0}
	if mutable {
		b[1] = 1
	}
	m.globals = append(m.globals, append(append(b, m.Asm(init)...), byte(wasm.End)))
	return len(m.globals) - 1
}

// Export exports an item.
func (m *Module) Export(name string, kind wasm.ExternKind, index int) {
	m.exports = append(m.exports, wasm.AppendU32(append(wasm.AppendName(nil, name), byte(kind)), uint32(index)))
}

// ExportFunc exports a function.
func (m *Module) ExportFunc(name string, index int) { m.Export(name, wasm.KindFunc, index) }

// Start names the start function.
func (m *Module) Start(fn int) { m.start = fn }

// Data adds an active segment at an offset; Passive one without.
func (m *Module) Data(offset int, bytes []byte) int {
	b := wasm.AppendS64([]byte{0, byte(wasm.I32Const)}, int64(offset))
	return m.segment(append(b, byte(wasm.End)), bytes)
}

// Passive adds a passive data segment.
func (m *Module) Passive(bytes []byte) int { return m.segment([]byte{1}, bytes) }

func (m *Module) segment(head, bytes []byte) int {
	m.data = append(m.data, append(wasm.AppendU32(head, uint32(len(bytes))), bytes...))
	return len(m.data) - 1
}

// Elem adds an active segment of functions for table 0.
func (m *Module) Elem(offset int, funcs ...int) int {
	b := wasm.AppendS64([]byte{0, byte(wasm.I32Const)}, int64(offset))
	return m.elem(append(b, byte(wasm.End)), funcs)
}

// PassiveElem adds a passive segment of functions.
func (m *Module) PassiveElem(funcs ...int) int { return m.elem([]byte{1, 0}, funcs) }

func (m *Module) elem(head []byte, funcs []int) int {
	b := wasm.AppendU32(head, uint32(len(funcs)))
	for _, fn := range funcs {
		b = wasm.AppendU32(b, uint32(fn))
	}
	m.elems = append(m.elems, b)
	return len(m.elems) - 1
}

// Custom adds a custom section at the end.
func (m *Module) Custom(name string, bytes []byte) {
	m.tail = append(m.tail, append(wasm.AppendName(nil, name), bytes...))
}

// Bytes is the module.
func (m *Module) Bytes() []byte {
	w := wasm.NewWriter(1024)
	if len(m.types) > 0 {
		w.Section(wasm.SecType, wasm.AppendTypes(nil, m.types))
	}
	vector := func(id wasm.SectionID, items [][]byte) {
		if len(items) > 0 {
			w.Section(id, append(wasm.AppendU32(nil, uint32(len(items))), slices.Concat(items...)...))
		}
	}
	vector(wasm.SecImport, m.imports)
	vector(wasm.SecFunction, m.funcs)
	vector(wasm.SecTable, m.tables)
	vector(wasm.SecMemory, m.memories)
	vector(wasm.SecTag, m.tags)
	vector(wasm.SecGlobal, m.globals)
	vector(wasm.SecExport, m.exports)
	if m.start >= 0 {
		w.Section(wasm.SecStart, wasm.AppendU32(nil, uint32(m.start)))
	}
	vector(wasm.SecElement, m.elems)
	if len(m.data) > 0 {
		w.Section(wasm.SecDataCount, wasm.AppendU32(nil, uint32(len(m.data))))
	}
	vector(wasm.SecCode, m.codes)
	vector(wasm.SecData, m.data)
	for _, c := range m.tail {
		w.Section(wasm.SecCustom, c)
	}
	return w.Bytes()
}

func limits(min, max int) []byte {
	if max < 0 {
		return wasm.AppendU32([]byte{0}, uint32(min))
	}
	return wasm.AppendU32(wasm.AppendU32([]byte{1}, uint32(min)), uint32(max))
}
