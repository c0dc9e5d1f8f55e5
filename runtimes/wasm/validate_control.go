package wasm

// control applies branches and blocks; false when in is neither.
func (v *Validator) control(in *Instr) bool {
	switch in.Op {
	case Unreachable:
		v.dead()
	case Block:
		v.branches(1)
		v.enter(in)
	case Loop:
		v.branches(loopWeight)
		v.enter(in)
	case If:
		v.branches(1)
		v.pop(I32)
		v.enter(in)
	case TryTable:
		v.tryTable(in)
	case Else:
		v.elseArm(in)
	case End:
		v.end(in)
	case Br:
		v.branches(1)
		v.popAll(v.labelTypes(in.Index))
		v.dead()
	case BrIf:
		v.branches(1)
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
		v.branches(1)
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
	v.branches(1 + len(in.Catches))
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
