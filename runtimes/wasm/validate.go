package wasm

import "math/bits"

// Validator reads the code of functions and checks it by the specification's
// algorithm: indices, types, the discipline of the operand stack.
type Validator struct {
	Reader
	m      *Module
	b      Bounds
	locals []ValType
	vals   []ValType
	ctrls  []ctrl
	work   int // steps over all functions

	result [1]ValType
	high   int
	wide   bool
}

// ctrl is a block being read.
type ctrl struct {
	op          Op
	block       BlockType
	height      int
	unreachable bool
}

// NewValidator checks functions of m.
func NewValidator(m *Module, bounds Bounds) *Validator {
	return &Validator{m: m, b: bounds.WithDefaults()}
}

// Begin starts with a function, by its index.
func (v *Validator) Begin(fn int) {
	c := &v.m.Code[fn-v.m.ImportedFuncs]
	v.Reader = NewReader(c, fn, v.b.BrTargets)
	v.locals = append(v.locals[:0], v.m.TypeOf(uint32(fn)).Params...)
	for _, run := range c.Locals {
		for n := run.Count; n > 0; n-- {
			v.locals = append(v.locals, run.Type)
		}
	}
	v.spend(len(v.locals))
	v.vals, v.high, v.wide = v.vals[:0], 0, false
	v.ctrls = append(v.ctrls[:0], ctrl{op: Call, block: BlockType{Index: int(v.m.Funcs[fn])}})
}

// Next reads and checks an instruction, false at the end or after an error.
func (v *Validator) Next(in *Instr) bool {
	if !v.Reader.Next(in) {
		if v.err == nil && len(v.ctrls) > 0 {
			v.malformed(v.pos, "the code ends inside of a block")
		}
		return false
	}
	if len(v.ctrls) == 0 {
		v.malformed(in.Start, "code after the end of the function")
		return false
	}
	v.check(in)
	return v.err == nil
}

// Locals are the types of the parameters and locals.
func (v *Validator) Locals() []ValType { return v.locals }

// Height is the highest operand stack so far, in slots of 8 bytes. All values
// of a function that has a v128 on its stack count two.
func (v *Validator) Height() int {
	if v.wide {
		return 2 * v.high
	}
	return v.high
}

// Operands is the number of values on the stack.
func (v *Validator) Operands() int { return len(v.vals) }

// Top is the type of the value on top of the stack, 0 when unknown.
func (v *Validator) Top() ValType {
	if n := len(v.vals); n > 0 {
		return v.vals[n-1]
	}
	return bottom
}

// BlockOf resolves a block type. The slices must not be kept.
func (m *Module) BlockOf(b BlockType, scratch *[1]ValType) FuncType {
	if b.Index >= 0 {
		return m.Types[b.Index]
	}
	if b.Result == 0 {
		return FuncType{}
	}
	scratch[0] = b.Result
	return FuncType{Results: scratch[:]}
}

func (v *Validator) spend(n int) {
	if v.work += n; v.work > v.b.Work {
		v.fail(ErrTooMuch, v.pos, "more than %d steps to validate", v.b.Work)
	}
}

func (v *Validator) push(t ValType) {
	v.vals = append(v.vals, t)
	if n := len(v.vals); n > v.high {
		v.high = n
		if n > v.b.Operands {
			v.fail(ErrTooBig, v.pos, "more than %d operands", v.b.Operands)
		}
	}
	if t == V128 {
		v.wide = true
	}
}

// pop takes a value of type want; with want 0 any.
func (v *Validator) pop(want ValType) ValType {
	c := &v.ctrls[len(v.ctrls)-1]
	n := len(v.vals) - 1
	if n < c.height {
		if !c.unreachable {
			v.malformed(v.pos, "%v is wanted on an empty stack", want)
		}
		return want
	}
	got := v.vals[n]
	v.vals = v.vals[:n]
	if got != want && want != bottom && got != bottom {
		v.malformed(v.pos, "%v on the stack, %v is wanted", got, want)
	}
	if got == bottom {
		return want
	}
	return got
}

func (v *Validator) popAll(ts []ValType) {
	v.spend(len(ts))
	for i := len(ts) - 1; i >= 0 && v.err == nil; i-- {
		v.pop(ts[i])
	}
}

func (v *Validator) pushAll(ts []ValType) {
	v.spend(len(ts))
	for i := 0; i < len(ts) && v.err == nil; i++ {
		v.push(ts[i])
	}
}

// dead marks the rest of the block as unreachable.
func (v *Validator) dead() {
	c := &v.ctrls[len(v.ctrls)-1]
	v.vals = v.vals[:c.height]
	c.unreachable = true
}

func (v *Validator) enter(in *Instr) {
	if b := in.Block; b.Index >= len(v.m.Types) {
		v.malformed(in.Start, "block type %d of %d", b.Index, len(v.m.Types))
		return
	}
	if len(v.ctrls) > v.b.Nesting {
		v.fail(ErrTooBig, in.Start, "blocks nested deeper than %d", v.b.Nesting)
		return
	}
	params := v.m.BlockOf(in.Block, &v.result).Params
	v.popAll(params)
	v.ctrls = append(v.ctrls, ctrl{op: in.Op, block: in.Block, height: len(v.vals)})
	v.pushAll(params)
}

// leave checks what the innermost block leaves on the stack and removes it.
func (v *Validator) leave() ctrl {
	c := v.ctrls[len(v.ctrls)-1]
	v.popAll(v.m.BlockOf(c.block, &v.result).Results)
	if len(v.vals) > c.height && v.err == nil {
		v.malformed(v.pos, "%d values too many at the end of a block", len(v.vals)-c.height)
	}
	v.ctrls = v.ctrls[:len(v.ctrls)-1]
	return c
}

// labelTypes are the types that a branch to the label takes.
func (v *Validator) labelTypes(label uint32) []ValType {
	if int64(label) >= int64(len(v.ctrls)) {
		v.malformed(v.pos, "label %d of %d", label, len(v.ctrls))
		return nil
	}
	c := &v.ctrls[len(v.ctrls)-1-int(label)]
	t := v.m.BlockOf(c.block, &v.result)
	if c.op == Loop {
		return t.Params
	}
	return t.Results
}

// control applies branches and blocks; false when in is neither.
func (v *Validator) control(in *Instr) bool {
	switch in.Op {
	case Unreachable:
		v.dead()
	case Block, Loop:
		v.enter(in)
	case If:
		v.pop(I32)
		v.enter(in)
	case TryTable:
		v.tryTable(in)
	case Else:
		v.elseArm(in)
	case End:
		v.end(in)
	case Br:
		v.popAll(v.labelTypes(in.Index))
		v.dead()
	case BrIf:
		v.pop(I32)
		ts := v.labelTypes(in.Index)
		v.popAll(ts)
		v.pushAll(ts)
	case BrTable:
		v.brTable(in)
	case Return:
		v.popAll(v.labelTypes(uint32(len(v.ctrls) - 1)))
		v.dead()
	case Throw:
		v.popAll(v.m.Types[v.m.Tags[in.Index]].Params)
		v.dead()
	case ThrowRef:
		v.pop(ExnRef)
		v.dead()
	default:
		return false
	}
	return true
}

func (v *Validator) elseArm(in *Instr) {
	if v.ctrls[len(v.ctrls)-1].op != If {
		v.malformed(in.Start, "else without if")
		return
	}
	c := v.leave()
	v.ctrls = append(v.ctrls, ctrl{op: Else, block: c.block, height: c.height})
	v.pushAll(v.m.BlockOf(c.block, &v.result).Params)
}

func (v *Validator) end(in *Instr) {
	c := v.leave()
	t := v.m.BlockOf(c.block, &v.result)
	if c.op == If && !sameTypes(t.Params, t.Results) {
		v.malformed(in.Start, "if of type %v without else", t)
	}
	if len(v.ctrls) > 0 {
		v.pushAll(t.Results)
	}
}

func (v *Validator) brTable(in *Instr) {
	v.pop(I32)
	want := v.labelTypes(in.Labels[len(in.Labels)-1])
	arity := len(want)
	saved := len(v.vals)
	last := ^uint32(0)
	for _, label := range in.Labels {
		if v.err != nil {
			return
		}
		if label == last {
			continue
		}
		last = label
		ts := v.labelTypes(label)
		if v.err == nil && len(ts) != arity {
			v.malformed(in.Start, "labels of br_table take %d and %d values", arity, len(ts))
			return
		}
		v.popAll(ts)
		v.vals = v.vals[:saved] // what was popped is still there
	}
	v.dead()
}

func (v *Validator) tryTable(in *Instr) {
	for _, c := range in.Catches {
		if v.err != nil {
			return
		}
		var got []ValType
		if c.Kind <= CatchTagRef {
			v.index(in, c.Tag, len(v.m.Tags), "tag")
			if v.err != nil {
				return
			}
			got = v.m.Types[v.m.Tags[c.Tag]].Params
		}
		if c.Kind == CatchTagRef || c.Kind == CatchAllRef {
			got = append(append([]ValType{}, got...), ExnRef)
		}
		v.spend(len(got))
		if want := v.labelTypes(c.Label); v.err == nil && !sameTypes(got, want) {
			v.malformed(in.Start, "a catch clause gives [%s], its label takes [%s]", joinTypes(got), joinTypes(want))
		}
	}
	v.enter(in)
}

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
