package wasm

import "strings"

// SectionID names a section of the binary format.
type SectionID byte

const (
	SecCustom    SectionID = 0
	SecType      SectionID = 1
	SecImport    SectionID = 2
	SecFunction  SectionID = 3
	SecTable     SectionID = 4
	SecMemory    SectionID = 5
	SecGlobal    SectionID = 6
	SecExport    SectionID = 7
	SecStart     SectionID = 8
	SecElement   SectionID = 9
	SecCode      SectionID = 10
	SecData      SectionID = 11
	SecDataCount SectionID = 12
	SecTag       SectionID = 13

	sectionCount = 14
)

// Module is a decoded module. Byte slices in it are parts of the binary that
// it was decoded from. Index spaces begin with what is imported.
type Module struct {
	Types    []FuncType
	Imports  []Import
	Funcs    []uint32 // type index of every function
	Tables   []Table
	Memories []Limits
	Tags     []uint32 // type index of every tag
	Globals  []Global
	Exports  []Export
	Start    int // index of the start function, -1 for none
	Elems    []Elem
	Code     []Code // of the defined functions
	Data     []Data

	DataCount       int // -1 without a data count section
	ImportedFuncs   int
	ImportedTables  int
	ImportedMems    int
	ImportedGlobals int
	ImportedTags    int

	sections [sectionCount][]byte
	declared []bool // functions that ref.func may name
}

// Section is the payload of a section as it was read, nil when there is none.
func (m *Module) Section(id SectionID) []byte { return m.sections[id] }

// TypeOf is the type of a function.
func (m *Module) TypeOf(fn uint32) FuncType { return m.Types[m.Funcs[fn]] }

// Declared says whether ref.func may name the function: it is exported, or in
// an element segment, or in a global's initial value.
func (m *Module) Declared(fn uint32) bool {
	return int(fn) < len(m.declared) && m.declared[fn]
}

// Import is something that the module takes from outside.
type Import struct {
	Module, Name string
	Kind         ExternKind
}

// Export is something that the module shows.
type Export struct {
	Name  string
	Kind  ExternKind
	Index uint32
}

// Table is a table's type.
type Table struct {
	Elem   ValType
	Limits Limits
}

// Global is a global's type, and where it is defined its initial value.
type Global struct {
	Type    ValType
	Mutable bool
	Init    Const
}

// Const is a constant expression of one operator.
type Const struct {
	Op    Op    // a const operator, global.get, ref.null or ref.func
	Value int64 // of i32.const and i64.const
	Index uint32
}

// SegmentMode says when a segment is used.
type SegmentMode byte

const (
	Active SegmentMode = iota
	Passive
	Declarative
)

// Elem is an element segment.
type Elem struct {
	Mode   SegmentMode
	Table  uint32
	Type   ValType
	Offset Const
	Len    int      // elements, nulls included
	Funcs  []uint32 // the functions named
}

// Data is a data segment.
type Data struct {
	Mode   SegmentMode
	Offset Const
	Bytes  []byte
}

// Code is the code of a function.
type Code struct {
	Locals []LocalRun
	Body   []byte // instructions, the last end included
	Offset int    // of Body in the module
}

// LocalRun is a number of locals of one type, declared together.
type LocalRun struct {
	Count uint32
	Type  ValType
}

// NumLocals is the number of locals declared, without parameters.
func (c *Code) NumLocals() int {
	n := 0
	for _, r := range c.Locals {
		n += int(r.Count)
	}
	return n
}

// ValType is a value type, by its byte in the binary format.
type ValType byte

const (
	I32       ValType = 0x7f
	I64       ValType = 0x7e
	F32       ValType = 0x7d
	F64       ValType = 0x7c
	V128      ValType = 0x7b
	FuncRef   ValType = 0x70
	ExternRef ValType = 0x6f
	ExnRef    ValType = 0x69

	// bottom is the type of a value that unreachable code conjures up.
	bottom ValType = 0
)

// IsRef says whether t is a reference type.
func (t ValType) IsRef() bool { return t == FuncRef || t == ExternRef || t == ExnRef }

func (t ValType) known() bool {
	return t >= V128 && t <= I32 || t.IsRef()
}

func (t ValType) String() string {
	switch t {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	case V128:
		return "v128"
	case FuncRef:
		return "funcref"
	case ExternRef:
		return "externref"
	case ExnRef:
		return "exnref"
	case bottom:
		return "any"
	}
	return "unknown type"
}

// FuncType is the type of a function, a block or a tag.
type FuncType struct {
	Params, Results []ValType
}

// Equal says whether both types are the same.
func (t FuncType) Equal(o FuncType) bool {
	return sameTypes(t.Params, o.Params) && sameTypes(t.Results, o.Results)
}

func (t FuncType) String() string {
	return "[" + joinTypes(t.Params) + "] -> [" + joinTypes(t.Results) + "]"
}

func sameTypes(a, b []ValType) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func joinTypes(ts []ValType) string {
	names := make([]string, len(ts))
	for i, t := range ts {
		names[i] = t.String()
	}
	return strings.Join(names, " ")
}

// Limits are the sizes of a table (elements) or a memory (pages of 64 KiB).
type Limits struct {
	Min, Max uint32
	HasMax   bool
}

// ExternKind says what an import or an export is.
type ExternKind byte

const (
	KindFunc   ExternKind = 0
	KindTable  ExternKind = 1
	KindMemory ExternKind = 2
	KindGlobal ExternKind = 3
	KindTag    ExternKind = 4
)

// Writer writes a module section by section, in the order of the calls.
type Writer struct {
	buf []byte
}

// NewWriter begins a module; size is a guess at its length in bytes.
func NewWriter(size int) *Writer {
	return &Writer{buf: append(make([]byte, 0, size+len(header)), header...)}
}

// Section writes a section, none for a nil payload.
func (w *Writer) Section(id SectionID, payload []byte) {
	if payload == nil {
		return
	}
	w.buf = AppendU32(append(w.buf, byte(id)), uint32(len(payload)))
	w.buf = append(w.buf, payload...)
}

// Bytes is the module written so far.
func (w *Writer) Bytes() []byte { return w.buf }

// AppendTypes appends the payload of a type section.
func AppendTypes(b []byte, types []FuncType) []byte {
	b = AppendU32(b, uint32(len(types)))
	for _, t := range types {
		b = append(b, 0x60)
		b = appendVals(b, t.Params)
		b = appendVals(b, t.Results)
	}
	return b
}

func appendVals(b []byte, ts []ValType) []byte {
	b = AppendU32(b, uint32(len(ts)))
	for _, t := range ts {
		b = append(b, byte(t))
	}
	return b
}

// AppendExports appends the payload of an export section.
func AppendExports(b []byte, exports []Export) []byte {
	b = AppendU32(b, uint32(len(exports)))
	for _, e := range exports {
		b = AppendName(b, e.Name)
		b = AppendU32(append(b, byte(e.Kind)), e.Index)
	}
	return b
}

// AppendName appends a name with its length.
func AppendName(b []byte, name string) []byte {
	return append(AppendU32(b, uint32(len(name))), name...)
}

// AppendLocals appends the declarations of a function's locals.
func AppendLocals(b []byte, runs []LocalRun) []byte {
	b = AppendU32(b, uint32(len(runs)))
	for _, r := range runs {
		b = append(AppendU32(b, r.Count), byte(r.Type))
	}
	return b
}
