package wasm

// Instr is one instruction. A reader fills the same Instr again and again; its
// slices are good until the next one.
type Instr struct {
	Op         Op
	Start, End int // place in the body

	Value   int64     // of i32.const and i64.const
	Index   uint32    // first index, label, lane or log2 of an alignment
	Index2  uint32    // second index, or the lane of a memory access
	Block   BlockType // of block, loop, if, try_table
	Type    ValType   // of ref.null, of select with a type, and what a Validator saw ref.is_null take
	Labels  []uint32  // of br_table, the default last
	Catches []Catch   // of try_table
}

// BlockType is the type of a block: a type's index, or at most one result.
type BlockType struct {
	Index  int     // of the type; -1 for none
	Result ValType // without an index; 0 for no result
}

// CatchKind says what a clause of try_table catches, and whether it keeps the
// reference.
type CatchKind byte

const (
	CatchTag    CatchKind = 0
	CatchTagRef CatchKind = 1
	CatchAll    CatchKind = 2
	CatchAllRef CatchKind = 3
)

// Catch is a clause of a try_table. The label is relative to the frame around
// the try_table.
type Catch struct {
	Kind  CatchKind
	Tag   uint32
	Label uint32
}

// Reader reads the instructions of a function's body.
type Reader struct {
	cursor
	brTargets int
}

// NewReader reads code of function fn; brTargets bounds a br_table.
func NewReader(c *Code, fn, brTargets int) Reader {
	return Reader{cursor{buf: c.Body, base: c.Offset, fn: fn}, brTargets}
}

// Err is what went wrong, nil when Next returned false at the end.
func (r *Reader) Err() error { return r.err }

// Next reads the next instruction, false at the end or after an error.
func (r *Reader) Next(in *Instr) bool {
	if r.pos >= len(r.buf) {
		return false
	}
	in.Start = r.pos
	b := r.buf[r.pos]
	r.pos++
	in.Op = Op(b)
	if b >= 0xfb {
		in.Op = r.prefixed(b)
	}
	switch imm := infos[in.Op].Imm; imm {
	case ImmNone:
	case ImmLocal, ImmLabel, ImmFunc, ImmGlobal, ImmTag, ImmTable, ImmElem, ImmData:
		in.Index = r.u32()
	case ImmMemArg:
		in.Index = r.u32()
		r.u32()
	case ImmI32:
		in.Value = r.s64(32)
	default:
		r.rare(in, imm)
	}
	in.End = r.pos
	return r.err == nil
}

func (r *Reader) prefixed(b byte) Op {
	start := r.pos - 1
	sub := r.u32()
	base, limit := Op(0), uint32(0x100)
	switch b {
	case 0xfb:
		base = PrefixFB
	case 0xfc:
		base = PrefixFC
	case 0xfd:
		base, limit = PrefixFD, 0x200
	case 0xfe:
		base = PrefixFE
	}
	if base == 0 || sub >= limit {
		r.malformed(start, "unknown operator 0x%02x 0x%x", b, sub)
		return Unreachable
	}
	return base + Op(sub)
}

// rare reads the immediates that few instructions have.
func (r *Reader) rare(in *Instr, imm Imm) {
	switch imm {
	case ImmBlock:
		in.Block = r.blockType()
	case ImmBrTable:
		r.brTable(in)
	case ImmTryTable:
		in.Block = r.blockType()
		r.catches(in)
	case ImmCallTable, ImmTwoTables, ImmElemTable:
		in.Index, in.Index2 = r.u32(), r.u32()
	case ImmDataMem:
		in.Index = r.u32()
		r.memory()
	case ImmMem:
		r.memory()
	case ImmTwoMems:
		r.memory()
		r.memory()
	case ImmMemLane:
		in.Index = r.u32()
		r.u32()
		in.Index2 = uint32(r.byte())
	case ImmLane:
		in.Index = uint32(r.byte())
	case ImmLanes16:
		for _, lane := range r.bytes(16) {
			if lane >= 32 {
				r.malformed(in.Start, "lane %d of 32", lane)
			}
		}
	case ImmI64:
		in.Value = r.s64(64)
	case ImmBytes:
		r.bytes(int(infos[in.Op].Width))
	case ImmRefType:
		in.Type = r.heapType()
	case ImmTypes:
		if n := r.u32(); n != 1 {
			r.malformed(in.Start, "select with %d types", n)
		}
		in.Type = r.valType()
	case ImmRefused:
		info := in.Op.Info()
		r.fail(ErrRefused, in.Start, "%s (%s)", info.Why, info.Name)
	default:
		r.malformed(in.Start, "unknown operator 0x%x", uint16(in.Op))
	}
}

// memory reads what is a zero byte in WebAssembly 2.0.
func (r *Reader) memory() {
	at := r.pos
	if i := r.byte(); r.err == nil && i != 0 {
		r.fail(ErrRefused, at, "multi-memory (memory %d)", i)
	}
}

func (r *Reader) heapType() ValType {
	at := r.pos
	t := r.valType()
	if r.err == nil && !t.IsRef() {
		r.malformed(at, "ref.null of %v", t)
	}
	return t
}

func (r *Reader) blockType() BlockType {
	if r.pos < len(r.buf) {
		b := r.buf[r.pos]
		if b == 0x40 {
			r.pos++
			return BlockType{Index: -1}
		}
		if b >= 0x40 && b < 0x80 {
			return BlockType{Index: -1, Result: r.valType()}
		}
	}
	at := r.pos
	i := r.s64(33)
	if r.err == nil && i < 0 {
		r.malformed(at, "block type %d", i)
	}
	return BlockType{Index: int(i)}
}

func (r *Reader) brTable(in *Instr) {
	n := r.count(r.brTargets, "targets of br_table")
	in.Labels = in.Labels[:0]
	for i := 0; i <= n && r.err == nil; i++ {
		in.Labels = append(in.Labels, r.u32())
	}
}

func (r *Reader) catches(in *Instr) {
	n := r.count(r.brTargets, "catch clauses")
	in.Catches = in.Catches[:0]
	for ; n > 0 && r.err == nil; n-- {
		at := r.pos
		c := Catch{Kind: CatchKind(r.byte())}
		if c.Kind > CatchAllRef {
			r.malformed(at, "catch clause of kind %d", c.Kind)
		}
		if c.Kind <= CatchTagRef {
			c.Tag = r.u32()
		}
		c.Label = r.u32()
		in.Catches = append(in.Catches, c)
	}
}
