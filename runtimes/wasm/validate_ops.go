package wasm

import "math/bits"

// check applies an instruction to the stack of types.
func (v *Validator) check(in *Instr) {
	info := &infos[in.Op]
	if info.Imm != ImmNone {
		v.immediates(in, info)
	}
	if v.err != nil {
		return
	}
	if !info.Fixed {
		v.special(in)
		return
	}
	for i := int(info.NParams) - 1; i >= 0; i-- {
		v.pop(info.Params[i])
	}
	if info.Result != 0 {
		v.push(info.Result)
	}
}

// immediates checks that what an instruction names is there.
func (v *Validator) immediates(in *Instr, info *Info) {
	m := v.m
	switch info.Imm {
	case ImmLocal:
		v.index(in, in.Index, len(v.locals), "local")
	case ImmGlobal:
		v.index(in, in.Index, len(m.Globals), "global")
	case ImmFunc:
		v.index(in, in.Index, len(m.Funcs), "function")
	case ImmTag:
		v.index(in, in.Index, len(m.Tags), "tag")
	case ImmCallTable:
		v.index(in, in.Index, len(m.Types), "type")
		v.index(in, in.Index2, len(m.Tables), "table")
	case ImmTable:
		v.index(in, in.Index, len(m.Tables), "table")
	case ImmTwoTables:
		v.index(in, in.Index, len(m.Tables), "table")
		v.index(in, in.Index2, len(m.Tables), "table")
		if v.err == nil {
			v.sameElements(in, m.Tables[in.Index2].Elem, m.Tables[in.Index].Elem)
		}
	case ImmElemTable:
		v.index(in, in.Index, len(m.Elems), "element segment")
		v.index(in, in.Index2, len(m.Tables), "table")
		if v.err == nil {
			v.sameElements(in, m.Elems[in.Index].Type, m.Tables[in.Index2].Elem)
		}
	case ImmElem:
		v.index(in, in.Index, len(m.Elems), "element segment")
	case ImmData, ImmDataMem:
		if m.DataCount < 0 {
			v.malformed(in.Start, "%v without a data count section", in.Op)
		}
		v.index(in, in.Index, m.DataCount, "data segment")
	case ImmLane:
		v.index(in, in.Index, int(info.Width), "lane")
	case ImmMemLane:
		v.index(in, in.Index2, 16/int(info.Width), "lane")
	}
	switch info.Imm {
	case ImmMemArg, ImmMemLane:
		if int(in.Index) > bits.TrailingZeros8(info.Width) {
			v.badAlign(in)
		}
		fallthrough
	case ImmMem, ImmTwoMems, ImmDataMem:
		if len(m.Memories) == 0 {
			v.malformed(in.Start, "%v without a memory", in.Op)
		}
	}
}

func (v *Validator) sameElements(in *Instr, from, to ValType) {
	if from != to {
		v.malformed(in.Start, "%v of %v into a table of %v", in.Op, from, to)
	}
}

func (v *Validator) badAlign(in *Instr) {
	if in.Index >= 64 && in.Index < 128 {
		v.fail(ErrRefused, in.Start, "multi-memory (%v with a memory index)", in.Op)
		return
	}
	v.malformed(in.Start, "alignment of %v is over its natural one", in.Op)
}

func (v *Validator) index(in *Instr, i uint32, n int, what string) {
	if int64(i) >= int64(n) {
		v.malformed(in.Start, "%v: %s %d of %d", in.Op, what, i, max(n, 0))
	}
}

// special applies the instructions whose types depend on their immediates.
func (v *Validator) special(in *Instr) {
	switch in.Op {
	case LocalGet:
		v.push(v.locals[in.Index])
	case LocalSet:
		v.pop(v.locals[in.Index])
	case LocalTee:
		v.pop(v.locals[in.Index])
		v.push(v.locals[in.Index])
	case GlobalGet:
		v.push(v.m.Globals[in.Index].Type)
	case GlobalSet:
		if !v.m.Globals[in.Index].Mutable {
			v.malformed(in.Start, "global.set of immutable global %d", in.Index)
		}
		v.pop(v.m.Globals[in.Index].Type)
	case Drop:
		v.pop(bottom)
	case Select:
		v.selectAny(in)
	case SelectT:
		v.pop(I32)
		v.pop(in.Type)
		v.pop(in.Type)
		v.push(in.Type)
	case Call:
		t := v.m.TypeOf(in.Index)
		v.popAll(t.Params)
		v.pushAll(t.Results)
	case CallIndirect:
		v.callIndirect(in)
	default:
		if !v.control(in) {
			v.references(in)
		}
	}
}

func (v *Validator) selectAny(in *Instr) {
	v.pop(I32)
	a := v.pop(bottom)
	b := v.pop(a)
	if a.IsRef() || b.IsRef() {
		v.malformed(in.Start, "select of %v without a type", b)
	}
	if a == bottom {
		a = b
	}
	v.push(a)
}

func (v *Validator) callIndirect(in *Instr) {
	if t := v.m.Tables[in.Index2].Elem; t != FuncRef {
		v.malformed(in.Start, "call_indirect through a table of %v", t)
	}
	t := v.m.Types[in.Index]
	v.pop(I32)
	v.popAll(t.Params)
	v.pushAll(t.Results)
}

func (v *Validator) references(in *Instr) {
	switch in.Op {
	case RefNull:
		v.push(in.Type)
	case RefIsNull:
		in.Type = v.pop(bottom)
		if in.Type != bottom && !in.Type.IsRef() {
			v.malformed(in.Start, "ref.is_null of %v", in.Type)
		}
		v.push(I32)
	case RefFunc:
		if !v.m.Declared(in.Index) {
			v.malformed(in.Start, "ref.func of function %d, which is declared nowhere", in.Index)
		}
		v.push(FuncRef)
	case TableGet:
		v.pop(I32)
		v.push(v.m.Tables[in.Index].Elem)
	case TableSet:
		v.pop(v.m.Tables[in.Index].Elem)
		v.pop(I32)
	case TableGrow:
		v.pop(I32)
		v.pop(v.m.Tables[in.Index].Elem)
		v.push(I32)
	case TableFill:
		v.pop(I32)
		v.pop(v.m.Tables[in.Index].Elem)
		v.pop(I32)
	default:
		v.malformed(in.Start, "%v has no rule", in.Op)
	}
}
