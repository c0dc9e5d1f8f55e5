package wasm

import "fmt"

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
	I64Add       Op = 0x7c
	I64Sub       Op = 0x7d
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
	CostOne  Cost = iota // one unit
	CostFree             // nothing
	CostBulk             // one, and as much as the operand on top of the stack says
)

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

// OpNamed finds an operator by its name in the text format.
func OpNamed(name string) (Op, bool) {
	op, ok := byName[name]
	return op, ok
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
