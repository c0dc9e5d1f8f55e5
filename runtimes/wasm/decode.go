package wasm

import "bytes"

// Magic and version, the first eight bytes of every module.
var header = []byte{0, 'a', 's', 'm', 1, 0, 0, 0}

// order is the place of each section in a module.
var order = [sectionCount]int{
	SecType: 1, SecImport: 2, SecFunction: 3, SecTable: 4, SecMemory: 5,
	SecTag: 6, SecGlobal: 7, SecExport: 8, SecStart: 9, SecElement: 10,
	SecDataCount: 11, SecCode: 12, SecData: 13,
}

type decoder struct {
	cursor
	m        *Module
	b        Bounds
	customs  int
	inTables int   // elements of all tables
	locals   int64 // declared so far
}

// Decode reads a module: all but the instructions, which a Validator reads.
// The module refers to bin, which must not change.
func Decode(bin []byte, bounds Bounds) (*Module, error) {
	d := &decoder{
		cursor: cursor{buf: bin, fn: -1},
		m:      &Module{Start: -1, DataCount: -1},
		b:      bounds.WithDefaults(),
	}
	if len(bin) > d.b.Bytes {
		d.fail(ErrTooBig, 0, "a module of %d bytes (at most %d)", len(bin), d.b.Bytes)
		return nil, d.err
	}
	if !bytes.Equal(d.bytes(min(len(header), len(bin))), header) {
		d.malformed(0, "not a WebAssembly module of version 1")
		return nil, d.err
	}
	for last := 0; d.err == nil && d.left() > 0; {
		last = d.section(last)
	}
	if d.err == nil {
		d.finish()
	}
	if d.err != nil {
		return nil, d.err
	}
	return d.m, nil
}

// section reads one section and returns its place in the order.
func (d *decoder) section(last int) int {
	at := d.pos
	id := SectionID(d.byte())
	payload := d.bytes(int(d.u32()))
	if d.err != nil {
		return last
	}
	s := &decoder{cursor: cursor{buf: payload, base: d.pos - len(payload), fn: -1}, m: d.m, b: d.b}
	switch {
	case id == SecCustom:
		d.customs += len(payload)
		if d.customs > d.b.Customs {
			d.fail(ErrTooBig, at, "%d bytes of custom sections (at most %d)", d.customs, d.b.Customs)
		}
		s.name(d.b.NameBytes)
		s.pos = len(payload)
	case id >= sectionCount:
		d.malformed(at, "unknown section %d", id)
	case order[id] <= last:
		d.malformed(at, "section %d out of order", id)
	default:
		last = order[id]
		d.m.sections[id] = payload
		s.known(id)
	}
	if s.err == nil && s.left() > 0 {
		s.malformed(s.pos, "%d bytes left over at the end of section %d", s.left(), id)
	}
	if d.err == nil {
		d.err = s.err
	}
	return last
}

func (d *decoder) known(id SectionID) {
	switch id {
	case SecType:
		d.types()
	case SecImport:
		d.imports()
	case SecFunction:
		d.functions()
	case SecTable:
		d.tables()
	case SecMemory:
		d.memories()
	case SecTag:
		for n := d.count(d.b.Tags, "tags"); n > 0 && d.err == nil; n-- {
			d.tag()
		}
	case SecGlobal:
		d.globals()
	case SecExport:
		d.exports()
	case SecStart:
		d.start()
	case SecElement:
		d.elements()
	case SecDataCount:
		at := d.pos
		if d.m.DataCount = int(d.u32()); d.m.DataCount > d.b.Segments {
			d.fail(ErrTooBig, at, "%d data segments (at most %d)", d.m.DataCount, d.b.Segments)
		}
	case SecCode:
		d.code()
	case SecData:
		d.data()
	}
}

// finish checks what only the whole module shows.
func (d *decoder) finish() {
	m := d.m
	if defined := len(m.Funcs) - m.ImportedFuncs; defined != len(m.Code) {
		d.malformed(len(d.buf), "%d functions declared, %d have code", defined, len(m.Code))
	}
	if m.DataCount >= 0 && m.DataCount != len(m.Data) {
		d.malformed(len(d.buf), "%d data segments announced, %d are there", m.DataCount, len(m.Data))
	}
}

func (d *decoder) types() {
	n := d.count(d.b.Types, "types")
	d.m.Types = make([]FuncType, 0, n)
	for ; n > 0 && d.err == nil; n-- {
		at := d.pos
		switch form := d.byte(); form {
		case 0x60:
			d.m.Types = append(d.m.Types, FuncType{d.valTypes("parameters"), d.valTypes("results")})
		case 0x4e, 0x4f, 0x50, 0x5e, 0x5f:
			d.fail(ErrRefused, at, "GC (type form 0x%02x)", form)
		default:
			d.malformed(at, "unknown type form 0x%02x", form)
		}
	}
}

func (d *decoder) valTypes(what string) []ValType {
	n := d.count(d.b.Params, what)
	if n == 0 {
		return nil
	}
	ts := make([]ValType, n)
	for i := range ts {
		ts[i] = d.valType()
	}
	return ts
}

// typeIndex reads the index of a type.
func (d *decoder) typeIndex() uint32 { return d.index(len(d.m.Types), "type") }

// index reads an index and holds it against the number of things there.
func (d *decoder) index(n int, what string) uint32 {
	at := d.pos
	i := d.u32()
	if d.err == nil && int64(i) >= int64(n) {
		d.malformed(at, "%s %d of %d", what, i, n)
		return 0
	}
	return i
}

func (d *decoder) imports() {
	m := d.m
	n := d.count(d.b.Imports, "imports")
	for ; n > 0 && d.err == nil; n-- {
		im := Import{Module: d.name(d.b.NameBytes), Name: d.name(d.b.NameBytes)}
		at := d.pos
		im.Kind = ExternKind(d.byte())
		switch im.Kind {
		case KindFunc:
			m.Funcs = append(m.Funcs, d.typeIndex())
			m.ImportedFuncs++
		case KindTable:
			d.table()
			m.ImportedTables++
		case KindMemory:
			d.memory()
			m.ImportedMems++
		case KindGlobal:
			m.Globals = append(m.Globals, d.globalType())
			m.ImportedGlobals++
		case KindTag:
			d.tag()
			m.ImportedTags++
		default:
			d.malformed(at, "import of unknown kind 0x%02x", byte(im.Kind))
		}
		m.Imports = append(m.Imports, im)
	}
}

func (d *decoder) functions() {
	n := d.count(d.b.Functions-len(d.m.Funcs), "functions")
	funcs := make([]uint32, len(d.m.Funcs), len(d.m.Funcs)+n)
	copy(funcs, d.m.Funcs)
	for ; n > 0 && d.err == nil; n-- {
		funcs = append(funcs, d.typeIndex())
	}
	d.m.Funcs = funcs
}
