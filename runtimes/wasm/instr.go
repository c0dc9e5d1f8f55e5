package wasm

import "fmt"

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

// Op is an operator. One-byte opcodes are themselves; those behind a prefix
// follow in ranges of their own.
type Op uint16

// Ranges of the prefixed opcodes.
const (
	PrefixFC Op = 0x100 // saturating conversions, bulk memory, tables
	PrefixFD Op = 0x200 // SIMD; from 0x300 relaxed SIMD
	PrefixFE Op = 0x400 // threads
	PrefixFB Op = 0x500 // GC
	opCount  Op = 0x600
)

// Operators that a rewriter has to know by name.
const (
	Unreachable  Op = 0x00
	Nop          Op = 0x01
	Block        Op = 0x02
	Loop         Op = 0x03
	If           Op = 0x04
	Else         Op = 0x05
	Throw        Op = 0x08
	ThrowRef     Op = 0x0a
	End          Op = 0x0b
	Br           Op = 0x0c
	BrIf         Op = 0x0d
	BrTable      Op = 0x0e
	Return       Op = 0x0f
	Call         Op = 0x10
	CallIndirect Op = 0x11
	Drop         Op = 0x1a
	Select       Op = 0x1b
	SelectT      Op = 0x1c
	TryTable     Op = 0x1f
	LocalGet     Op = 0x20
	LocalSet     Op = 0x21
	LocalTee     Op = 0x22
	GlobalGet    Op = 0x23
	GlobalSet    Op = 0x24
	TableGet     Op = 0x25
	TableSet     Op = 0x26
	MemorySize   Op = 0x3f
	MemoryGrow   Op = 0x40
	I32Const     Op = 0x41
	I64Const     Op = 0x42
	F32Const     Op = 0x43
	F64Const     Op = 0x44
	I32Eqz       Op = 0x45
	I32Eq        Op = 0x46
	I32LtS       Op = 0x48
	I32LtU       Op = 0x49
	I32GeU       Op = 0x4f
	I64Eqz       Op = 0x50
	I64LtS       Op = 0x53
	I64GtU       Op = 0x56
	I64GeU       Op = 0x5a
	F32Ne        Op = 0x5c
	F64Ne        Op = 0x62
	I32And       Op = 0x71
	I32Or        Op = 0x72
	I32Shl       Op = 0x74
	I32ShrS      Op = 0x75
	I32ShrU      Op = 0x76
	I32Add       Op = 0x6a
	I32Sub       Op = 0x6b
	I32Mul       Op = 0x6c
	I64Add       Op = 0x7c
	I64Sub       Op = 0x7d
	I64Mul       Op = 0x7e
	I64And       Op = 0x83
	I64Or        Op = 0x84
	I64Shl       Op = 0x86
	I64ShrS      Op = 0x87
	I64ShrU      Op = 0x88
	I32WrapI64   Op = 0xa7
	I64ExtendU32 Op = 0xad
	I32OfF32     Op = 0xbc // reinterpret
	I64OfF64     Op = 0xbd
	F32OfI32     Op = 0xbe
	F64OfI64     Op = 0xbf
	RefNull      Op = 0xd0
	RefIsNull    Op = 0xd1
	RefFunc      Op = 0xd2

	MemoryInit Op = PrefixFC + 8
	DataDrop   Op = PrefixFC + 9
	MemoryCopy Op = PrefixFC + 10
	MemoryFill Op = PrefixFC + 11
	TableInit  Op = PrefixFC + 12
	ElemDrop   Op = PrefixFC + 13
	TableCopy  Op = PrefixFC + 14
	TableGrow  Op = PrefixFC + 15
	TableSize  Op = PrefixFC + 16
	TableFill  Op = PrefixFC + 17

	V128Const     Op = PrefixFD + 0x0c
	I64x2Splat    Op = PrefixFD + 0x12
	F32x4Splat    Op = PrefixFD + 0x13
	F64x2Splat    Op = PrefixFD + 0x14
	F32x4Eq       Op = PrefixFD + 0x41
	F64x2Eq       Op = PrefixFD + 0x47
	V128Bitselect Op = PrefixFD + 0x52
)

// Imm is the kind of an operator's immediates.
type Imm uint8

const (
	ImmUnknown   Imm = iota // no such operator
	ImmRefused              // an operator of a proposal that is not accepted
	ImmNone                 //
	ImmBlock                // a block type
	ImmLabel                // a label
	ImmBrTable              // labels and a default
	ImmTryTable             // a block type and catch clauses
	ImmFunc                 // a function
	ImmCallTable            // a type, a table
	ImmLocal                // a local
	ImmGlobal               // a global
	ImmTag                  // a tag
	ImmTable                // a table
	ImmTwoTables            // two tables
	ImmElemTable            // an element segment, a table
	ImmElem                 // an element segment
	ImmData                 // a data segment
	ImmDataMem              // a data segment, a memory
	ImmMem                  // a memory
	ImmTwoMems              // two memories
	ImmMemArg               // alignment, offset
	ImmMemLane              // alignment, offset, lane
	ImmLane                 // a lane
	ImmLanes16              // sixteen lanes
	ImmI32                  // a number
	ImmI64                  // a number
	ImmBytes                // Info.Width bytes
	ImmRefType              // a reference type
	ImmTypes                // a vector of one type
)

// Cost is an operator's class in the fuel schedule.
type Cost uint8

const (
	CostOne     Cost = iota // one unit
	CostFree                // nothing
	CostBulk                // one, and as much as the operand on top of the stack says
	CostFar                 // FuelFar
	CostFarBulk             // FuelFar, and as much as the operand on top of the stack says
)

// FuelFar is what an operator costs for which engines leave compiled code.
const FuelFar = 200

// NaN says what kind of NaN an operator can make whose bits differ between
// engines and processors.
type NaN uint8

const (
	NaNNone NaN = iota
	NaNF32
	NaNF64
	NaNF32x4
	NaNF64x2
)

// Info is what the instruction table knows of an operator.
type Info struct {
	Name  string
	Why   string // the proposal that it belongs to, when it is refused
	Imm   Imm
	Cost  Cost
	NaN   NaN
	Fixed bool  // the signature is Params to Result, whatever the immediates
	Width uint8 // bytes accessed, lanes, or bytes of the immediate

	Params [3]ValType // the first NParams are taken, the last one from the top
	Result ValType    // 0: none

	NParams uint8
}

// Info looks an operator up.
func (op Op) Info() *Info {
	if op >= opCount {
		return &infos[opCount-1]
	}
	return &infos[op]
}

func (op Op) String() string {
	if n := op.Info().Name; n != "" {
		return n
	}
	return fmt.Sprintf("opcode 0x%x", uint16(op))
}

// AppendOp appends the operator's bytes.
func AppendOp(b []byte, op Op) []byte {
	switch {
	case op < PrefixFC:
		return append(b, byte(op))
	case op < PrefixFD:
		return AppendU32(append(b, 0xfc), uint32(op-PrefixFC))
	case op < PrefixFE:
		return AppendU32(append(b, 0xfd), uint32(op-PrefixFD))
	}
	panic("wasm: operator that is never written")
}
