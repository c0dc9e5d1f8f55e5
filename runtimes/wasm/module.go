package wasm

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
