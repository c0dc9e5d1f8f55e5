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

// Tables, memories, tags, globals and exports.

func (d *decoder) limits(max uint32, what string) Limits {
	at := d.pos
	flags := d.byte()
	switch {
	case flags >= 4 && flags <= 7:
		d.fail(ErrRefused, at, "memory64 (64-bit %s)", what)
	case flags == 2 || flags == 3:
		d.fail(ErrRefused, at, "threads (shared %s)", what)
	case flags > 1:
		d.malformed(at, "unknown limits 0x%02x of a %s", flags, what)
	}
	l := Limits{Min: d.u32(), HasMax: flags&1 != 0}
	if l.HasMax {
		l.Max = d.u32()
		if l.Max > max || l.Max < l.Min {
			d.malformed(at, "%s of %d to %d", what, l.Min, l.Max)
		}
	}
	if l.Min > max {
		d.malformed(at, "%s of %d", what, l.Min)
	}
	return l
}

func (d *decoder) tables() {
	for n := d.count(d.b.Tables, "tables"); n > 0 && d.err == nil; n-- {
		d.table()
	}
}

func (d *decoder) table() {
	at := d.pos
	if d.pos < len(d.buf) && d.buf[d.pos] == 0x40 {
		d.fail(ErrRefused, at, "typed references (a table with an initial value)")
		return
	}
	t := Table{Elem: d.valType()}
	if d.err == nil && !t.Elem.IsRef() {
		d.malformed(at, "a table of %v", t.Elem)
	}
	t.Limits = d.limits(1<<32-1, "table")
	if d.inTables += int(t.Limits.Min); d.inTables > d.b.TableSize {
		d.fail(ErrTooBig, at, "tables of %d elements (at most %d)", d.inTables, d.b.TableSize)
	}
	if d.m.Tables = append(d.m.Tables, t); len(d.m.Tables) > d.b.Tables {
		d.fail(ErrTooBig, at, "more than %d tables", d.b.Tables)
	}
}

func (d *decoder) memories() {
	for n := d.count(1<<20, "memories"); n > 0 && d.err == nil; n-- {
		d.memory()
	}
}

func (d *decoder) memory() {
	at := d.pos
	if len(d.m.Memories) == 1 {
		d.fail(ErrRefused, at, "multi-memory (a second memory)")
		return
	}
	l := d.limits(65536, "memory")
	if int64(l.Min) > int64(d.b.Pages) {
		d.fail(ErrTooBig, at, "a memory of %d pages (at most %d)", l.Min, d.b.Pages)
	}
	d.m.Memories = append(d.m.Memories, l)
}

func (d *decoder) tag() {
	at := d.pos
	if attr := d.byte(); attr != 0 {
		d.malformed(at, "tag attribute %d", attr)
	}
	ty := d.typeIndex()
	if d.err == nil && len(d.m.Types[ty].Results) > 0 {
		d.malformed(at, "a tag with results")
	}
	if d.m.Tags = append(d.m.Tags, ty); len(d.m.Tags) > d.b.Tags {
		d.fail(ErrTooBig, at, "more than %d tags", d.b.Tags)
	}
}

func (d *decoder) globals() {
	for n := d.count(d.b.Globals-len(d.m.Globals), "globals"); n > 0 && d.err == nil; n-- {
		g := d.globalType()
		g.Init = d.constant(g.Type)
		d.m.Globals = append(d.m.Globals, g)
	}
}

func (d *decoder) globalType() Global {
	g := Global{Type: d.valType()}
	at := d.pos
	switch mut := d.byte(); mut {
	case 0, 1:
		g.Mutable = mut == 1
	case 2, 3:
		d.fail(ErrRefused, at, "threads (shared global)")
	default:
		d.malformed(at, "mutability %d", mut)
	}
	return g
}

func (d *decoder) exports() {
	n := d.count(d.b.Exports, "exports")
	names := make(map[string]bool, min(n, 1024))
	sizes := map[ExternKind]int{
		KindFunc: len(d.m.Funcs), KindTable: len(d.m.Tables), KindMemory: len(d.m.Memories),
		KindGlobal: len(d.m.Globals), KindTag: len(d.m.Tags),
	}
	for ; n > 0 && d.err == nil; n-- {
		at := d.pos
		e := Export{Name: d.name(d.b.NameBytes), Kind: ExternKind(d.byte())}
		if e.Kind > KindTag {
			d.malformed(at, "export of unknown kind 0x%02x", byte(e.Kind))
		}
		e.Index = d.index(sizes[e.Kind], "exported item")
		if names[e.Name] {
			d.malformed(at, "two exports named %.40q", e.Name)
		}
		names[e.Name] = true
		if e.Kind == KindFunc {
			d.declare(e.Index)
		}
		d.m.Exports = append(d.m.Exports, e)
	}
}

// declare notes that ref.func may name the function.
func (d *decoder) declare(fn uint32) {
	if d.err != nil {
		return
	}
	if d.m.declared == nil {
		d.m.declared = make([]bool, len(d.m.Funcs))
	}
	for len(d.m.declared) < len(d.m.Funcs) {
		d.m.declared = append(d.m.declared, false)
	}
	d.m.declared[fn] = true
}

func (d *decoder) start() {
	at := d.pos
	fn := d.index(len(d.m.Funcs), "start function")
	if d.err != nil {
		return
	}
	if t := d.m.TypeOf(fn); len(t.Params)+len(t.Results) > 0 {
		d.malformed(at, "start function of type %v", t)
	}
	d.m.Start = int(fn)
}

// constant reads a constant expression of the given type.
func (d *decoder) constant(want ValType) Const {
	at := d.pos
	var c Const
	var got ValType
	switch c.Op = Op(d.byte()); c.Op {
	case I32Const:
		c.Value, got = d.s64(32), I32
	case I64Const:
		c.Value, got = d.s64(64), I64
	case F32Const:
		d.bytes(4)
		got = F32
	case F64Const:
		d.bytes(8)
		got = F64
	case 0xfd:
		if sub := d.u32(); PrefixFD+Op(sub) != V128Const {
			d.malformed(at, "operator 0xfd 0x%x in a constant expression", sub)
		}
		d.bytes(16)
		c.Op, got = V128Const, V128
	case GlobalGet:
		c.Index = d.index(d.m.ImportedGlobals, "global in a constant expression:")
		if d.err == nil {
			g := d.m.Globals[c.Index]
			if got = g.Type; g.Mutable {
				d.malformed(at, "mutable global %d in a constant expression", c.Index)
			}
		}
	case RefNull:
		got = d.refType()
	case RefFunc:
		c.Index, got = d.index(len(d.m.Funcs), "function"), FuncRef
		d.declare(c.Index)
	default:
		d.malformed(at, "%v in a constant expression", c.Op)
	}
	if d.err == nil && got != want {
		d.malformed(at, "constant of type %v, %v is wanted", got, want)
	}
	end := d.pos
	if op := Op(d.byte()); d.err == nil && op != End {
		d.fail(ErrRefused, end, "extended constant expressions (%v)", op)
	}
	return c
}

func (d *decoder) refType() ValType {
	at := d.pos
	t := d.valType()
	if d.err == nil && !t.IsRef() {
		d.malformed(at, "%v is no reference type", t)
	}
	return t
}

// Element segments, code and data segments.

func (d *decoder) elements() {
	for n := d.count(d.b.Segments, "element segments"); n > 0 && d.err == nil; n-- {
		d.element()
	}
}

// element reads a segment; the bits of its flags are: 1 passive or
// declarative, 2 table named or declarative, 4 expressions for items.
func (d *decoder) element() {
	at := d.pos
	flags := d.u32()
	if flags > 7 {
		d.malformed(at, "element segment of kind %d", flags)
		return
	}
	e := Elem{Type: FuncRef}
	switch {
	case flags&1 == 0:
		if flags&2 != 0 {
			e.Table = d.u32()
		}
		if d.err == nil && int(e.Table) >= len(d.m.Tables) {
			d.malformed(at, "table %d of %d", e.Table, len(d.m.Tables))
			return
		}
		e.Offset = d.constant(I32)
	case flags&2 != 0:
		e.Mode = Declarative
	default:
		e.Mode = Passive
	}
	if flags&3 != 0 {
		if flags&4 != 0 {
			e.Type = d.refType()
		} else if kind := d.byte(); kind != 0 {
			d.malformed(at, "element kind %d", kind)
		}
	}
	if e.Mode == Active && d.err == nil && d.m.Tables[e.Table].Elem != e.Type {
		d.malformed(at, "elements of type %v for a table of %v", e.Type, d.m.Tables[e.Table].Elem)
	}
	e.Len, e.Funcs = d.items(e.Type, flags&4 != 0)
	d.m.Elems = append(d.m.Elems, e)
}

func (d *decoder) items(t ValType, expressions bool) (n int, funcs []uint32) {
	n = d.count(d.b.SegmentLen, "elements")
	funcs = make([]uint32, 0, n)
	for left := n; left > 0 && d.err == nil; left-- {
		if expressions {
			if c := d.constant(t); c.Op == RefFunc {
				funcs = append(funcs, c.Index)
			}
			continue
		}
		fn := d.index(len(d.m.Funcs), "function")
		d.declare(fn)
		funcs = append(funcs, fn)
	}
	return n, funcs
}

func (d *decoder) code() {
	m := d.m
	at := d.pos
	n := d.count(d.b.Functions, "functions")
	if declared := len(m.Funcs) - m.ImportedFuncs; d.err == nil && n != declared {
		d.malformed(at, "%d functions declared, %d have code", declared, n)
		return
	}
	m.Code = make([]Code, 0, n)
	for ; n > 0 && d.err == nil; n-- {
		d.fn = m.ImportedFuncs + len(m.Code)
		m.Code = append(m.Code, d.function())
	}
	d.fn = -1
}

func (d *decoder) function() Code {
	at := d.pos
	size := int(d.u32())
	if size > d.b.BodyBytes {
		d.fail(ErrTooBig, at, "%d bytes of code (at most %d)", size, d.b.BodyBytes)
	}
	body := d.bytes(size)
	if d.err != nil {
		return Code{}
	}
	c := &cursor{buf: body, base: d.base + d.pos - size, fn: d.fn}
	runs := c.count(d.b.Locals, "declarations of locals")
	code := Code{}
	if runs > 0 {
		code.Locals = make([]LocalRun, runs)
	}
	total := int64(len(d.m.TypeOf(uint32(d.fn)).Params))
	for i := range code.Locals {
		start := c.pos
		code.Locals[i] = LocalRun{Count: c.u32(), Type: c.valType()}
		if total += int64(code.Locals[i].Count); total > int64(d.b.Locals) {
			c.fail(ErrTooBig, start, "%d locals (at most %d)", total, d.b.Locals)
			break
		}
	}
	if d.locals += total; d.locals > int64(d.b.AllLocals) {
		c.fail(ErrTooBig, 0, "more than %d locals in all functions", d.b.AllLocals)
	}
	d.err = c.err
	code.Body, code.Offset = c.buf[c.pos:], c.base+c.pos
	return code
}

func (d *decoder) data() {
	at := d.pos
	n := d.count(d.b.Segments, "data segments")
	for ; n > 0 && d.err == nil; n-- {
		s := Data{}
		switch kind := d.u32(); kind {
		case 0, 2:
			if kind == 2 {
				d.memoryIndex()
			}
			if len(d.m.Memories) == 0 {
				d.malformed(at, "a data segment without a memory")
			}
			s.Offset = d.constant(I32)
		case 1:
			s.Mode = Passive
		default:
			d.malformed(d.pos, "data segment of kind %d", kind)
		}
		s.Bytes = d.bytes(int(d.u32()))
		d.m.Data = append(d.m.Data, s)
	}
}

func (d *decoder) memoryIndex() {
	at := d.pos
	if i := d.u32(); d.err == nil && i != 0 {
		d.fail(ErrRefused, at, "multi-memory (memory %d)", i)
	}
}
