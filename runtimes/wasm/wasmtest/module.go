package wasmtest

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

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

// Asm assembles code written as a sequence of words, operators each followed
// by its immediates:
//
//	block i32  local.get 0  i32.const 5  i32.add  end
//
// A block type is nothing, one type, or (params -> results): "block (i32 -> )".
// try_table takes its clauses in brackets: "try_table [catch 0 1, catch_all 0]".
// br_table takes its labels in brackets, the default last. Loads and stores
// take "align offset" in brackets and default to 0 0. A line's rest after ";;"
// is a comment.
func (m *Module) Asm(code string) []byte {
	a := &assembler{m: m, words: words(code)}
	for len(a.words) > 0 {
		a.instruction()
	}
	return a.out
}

// spaced has what stands for itself apart from its neighbours.
var spaced = strings.NewReplacer("(", " ( ", ")", " ) ", "[", " [ ", "]", " ] ", ",", " , ")

func words(code string) []string {
	if code == "" {
		return nil
	}
	var lines []string
	for _, line := range strings.Split(code, "\n") {
		line, _, _ = strings.Cut(line, ";;")
		lines = append(lines, line)
	}
	return strings.Fields(spaced.Replace(strings.Join(lines, " ")))
}

func valType(name string) wasm.ValType {
	for _, t := range []wasm.ValType{
		wasm.I32, wasm.I64, wasm.F32, wasm.F64, wasm.V128,
		wasm.FuncRef, wasm.ExternRef, wasm.ExnRef,
	} {
		if t.String() == name {
			return t
		}
	}
	panic("wasmtest: no type " + name)
}

type assembler struct {
	m     *Module
	words []string
	out   []byte
}

func (a *assembler) peek() string {
	if len(a.words) == 0 {
		return ""
	}
	return a.words[0]
}

func (a *assembler) next() string {
	w := a.peek()
	if w == "" {
		panic("wasmtest: the code ends in the middle of an instruction")
	}
	a.words = a.words[1:]
	return w
}

func (a *assembler) number() int64 {
	w := a.next()
	n, err := strconv.ParseInt(w, 0, 64)
	if err != nil {
		u, uerr := strconv.ParseUint(w, 0, 64)
		if uerr != nil {
			panic(fmt.Sprintf("wasmtest: %v", err))
		}
		n = int64(u)
	}
	return n
}

func (a *assembler) index() { a.out = wasm.AppendU32(a.out, uint32(a.number())) }

func (a *assembler) instruction() {
	name := a.next()
	op, ok := OpNamed(name)
	if !ok {
		panic("wasmtest: no operator " + name)
	}
	a.out = wasm.AppendOp(a.out, op)
	a.immediates(op)
}

func (a *assembler) immediates(op wasm.Op) {
	switch info := op.Info(); info.Imm {
	case wasm.ImmNone:
	case wasm.ImmBlock:
		a.blockType()
	case wasm.ImmTryTable:
		a.blockType()
		a.catches()
	case wasm.ImmBrTable:
		labels := a.list()
		a.out = wasm.AppendU32(a.out, uint32(len(labels)-1))
		for _, l := range labels {
			a.out = wasm.AppendU32(a.out, uint32(l))
		}
	case wasm.ImmMem, wasm.ImmTwoMems:
		a.out = append(a.out, 0)
		if info.Imm == wasm.ImmTwoMems {
			a.out = append(a.out, 0)
		}
	case wasm.ImmDataMem:
		a.index()
		a.out = append(a.out, 0)
	case wasm.ImmCallTable, wasm.ImmTwoTables, wasm.ImmElemTable:
		a.index()
		a.index()
	case wasm.ImmMemArg, wasm.ImmMemLane:
		a.memArg(info.Imm == wasm.ImmMemLane)
	case wasm.ImmI32: // 0xffffffff is -1
		a.out = wasm.AppendS64(a.out, int64(int32(a.number())))
	case wasm.ImmI64:
		a.out = wasm.AppendS64(a.out, a.number())
	case wasm.ImmBytes:
		a.float(int(info.Width))
	case wasm.ImmLane:
		a.out = append(a.out, byte(a.number()))
	case wasm.ImmLanes16:
		for _, l := range a.list() {
			a.out = append(a.out, byte(l))
		}
	case wasm.ImmRefType:
		a.out = append(a.out, byte(valType(a.next())))
	case wasm.ImmTypes:
		a.out = append(a.out, 1, byte(valType(a.next())))
	default:
		a.index()
	}
}

// float writes a float of 4 or 8 bytes, or a vector of two 64-bit numbers.
// "bits:N" gives the bits.
func (a *assembler) float(width int) {
	if width == 16 {
		a.out = binary.LittleEndian.AppendUint64(a.out, uint64(a.number()))
		a.out = binary.LittleEndian.AppendUint64(a.out, uint64(a.number()))
		return
	}
	w := a.next()
	raw, isBits := strings.CutPrefix(w, "bits:")
	bits, err := strconv.ParseUint(raw, 0, width*8)
	if !isBits {
		var f float64
		f, err = strconv.ParseFloat(w, width*8)
		if bits = math.Float64bits(f); width == 4 {
			bits = uint64(math.Float32bits(float32(f)))
		}
	}
	if err != nil {
		panic(fmt.Sprintf("wasmtest: %v", err))
	}
	a.out = append(a.out, binary.LittleEndian.AppendUint64(nil, bits)[:width]...)
}

func (a *assembler) memArg(lane bool) {
	args := []int64{0, 0}
	if a.peek() == "[" {
		args = a.list()
	}
	a.out = wasm.AppendU32(wasm.AppendU32(a.out, uint32(args[0])), uint32(args[1]))
	if lane {
		a.out = append(a.out, byte(a.number()))
	}
}

// list reads numbers in brackets.
func (a *assembler) list() []int64 {
	if a.next() != "[" {
		panic("wasmtest: [ expected")
	}
	var ns []int64
	for a.peek() != "]" {
		ns = append(ns, a.number())
		if a.peek() == "," {
			a.next()
		}
	}
	a.next()
	return ns
}

func (a *assembler) blockType() {
	w := a.peek()
	if w == "(" {
		a.next()
		var sides [2]string
		for i := 0; a.peek() != ")"; {
			if t := a.next(); t == "->" {
				i++
			} else {
				sides[i] += " " + t
			}
		}
		a.next()
		a.out = wasm.AppendS64(a.out, int64(a.m.Type(sides[0], sides[1])))
		return
	}
	for _, t := range []string{"i32", "i64", "f32", "f64", "v128", "funcref", "externref", "exnref"} {
		if w == t {
			a.next()
			a.out = append(a.out, byte(valType(t)))
			return
		}
	}
	a.out = append(a.out, 0x40)
}

func (a *assembler) catches() {
	if a.next() != "[" {
		panic("wasmtest: [ expected")
	}
	kinds := []string{"catch", "catch_ref", "catch_all", "catch_all_ref"}
	var clauses []byte
	n := uint32(0)
	sub := &assembler{m: a.m}
	for a.peek() != "]" {
		if a.peek() == "," {
			a.next()
			continue
		}
		kind := a.next()
		for k, name := range kinds {
			if name != kind {
				continue
			}
			sub.out = append(sub.out, byte(k))
			for i := k / 2; i < 2; i++ { // a tag but for catch_all, and a label
				sub.out = wasm.AppendU32(sub.out, uint32(a.number()))
			}
			n++
		}
	}
	a.next()
	clauses = sub.out
	a.out = append(wasm.AppendU32(a.out, n), clauses...)
}

// OpNamed finds an operator that is accepted by its name in the text format.
func OpNamed(name string) (wasm.Op, bool) {
	op, ok := operators()[name]
	return op, ok
}

var operators = sync.OnceValue(func() map[string]wasm.Op {
	all := map[string]wasm.Op{}
	for n := range 1 << 16 {
		if op := wasm.Op(n); op.Info().Imm != wasm.ImmUnknown && op.Info().Imm != wasm.ImmRefused {
			all[op.Info().Name] = op
		}
	}
	return all
})
