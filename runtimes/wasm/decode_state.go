package wasm

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
