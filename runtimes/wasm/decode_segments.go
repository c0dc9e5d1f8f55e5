package wasm

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
