package wasm

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
	live   int // values alive at the branches of this function, together

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
	v.live = 0
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
		v.fail(ErrTooBig, v.pos, "more than %d steps to validate", v.b.Work)
	}
}

// loopWeight is what a loop costs a compiler more than another branch.
const loopWeight = 50

// branches counts the values that n ways through the code carry along: compilers
// take time and memory for each of them.
func (v *Validator) branches(n int) {
	n *= len(v.locals) + len(v.vals)
	v.spend(n)
	if v.live += n; v.live > v.b.Live {
		v.fail(ErrTooBig, v.pos, "more than %d values alive at the function's branches", v.b.Live)
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
