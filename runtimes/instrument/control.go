package instrument

import "github.com/assay-dev/assay/runtimes/wasm"

// block opens a block, loop or if.
func (w *rewriter) block() {
	in := &w.in
	f := frame{op: in.Op, mark: w.a.marks[w.mark], handler: w.top().handler}
	w.mark++
	f.arity = len(w.m.BlockOf(in.Block, &w.result).Results)
	w.upTo(in.Start)
	switch {
	case in.Op == wasm.Loop:
		w.settle(0)
		f.fixed = true
		f.arity = len(w.m.BlockOf(in.Block, &w.result).Params)
	case f.pinned():
		f.fixed = true
		if in.Op == wasm.If && f.mark&hasElse == 0 {
			w.settle(0)
		}
	case in.Op == wasm.If && f.mark&hasElse == 0:
		f.fixed, f.owed = true, w.debt
	}
	f.entry = w.debt
	again := in.Op == wasm.Loop && f.mark&branchedTo != 0
	if again {
		w.breakUp()
	}
	w.openBlock(in.Op, in.Block)
	f.label = w.depth
	w.frames = append(w.frames, f)
	if again {
		w.checkLoop()
	}
}

// openBlock writes op with the source's block type.
func (w *rewriter) openBlock(op wasm.Op, b wasm.BlockType) {
	w.taken = w.in.End
	if b.Index >= 0 {
		w.openType(op, b.Index)
	} else {
		w.open(op, plainType(b.Result))
	}
}

func (w *rewriter) elseArm() {
	f := w.top()
	if w.live {
		w.upTo(w.in.Start)
		w.meet(f)
	}
	w.taken = w.in.Start
	w.upTo(w.in.End)
	f.op = wasm.Else
	w.debt, w.live = f.entry, true
}

// endBlock closes the innermost block.
func (w *rewriter) endBlock() {
	f := *w.top()
	in := &w.in
	if w.live {
		w.upTo(in.Start)
		switch f.op {
		case wasm.Loop:
		case wasm.TryTable:
			w.leaveTry(&f)
		default:
			w.meet(&f)
		}
	}
	w.taken = in.End
	switch f.op {
	case wasm.TryTable:
		w.dispatch(&f)
	case wasm.Call:
		w.epilogue(&f)
		return
	}
	w.frames = w.frames[:len(w.frames)-1]
	w.end()
	if f.op != wasm.Loop && f.fixed {
		w.debt = f.owed
	}
	if w.live = f.mark&endReached != 0; !w.live {
		w.op(wasm.Unreachable)
	}
}

// epilogue ends the function: the fuel is stored where returns meet; behind it,
// where exceptions meet, any values do for results.
func (w *rewriter) epilogue(f *frame) {
	t := w.m.TypeOf(uint32(w.fn))
	if w.o.Fuel {
		w.end()
		w.debt = f.owed
		w.saveFuel()
	}
	if f.handler != noHandler {
		w.op(wasm.Return)
		w.end()
		w.debt = int64(len(t.Results))
		w.saveFuel()
		for _, r := range t.Results {
			w.zero(plainType(r))
		}
	}
	w.end()
	w.live = false
}

// zero pushes a value of the type.
func (w *rewriter) zero(t wasm.ValType) {
	switch t {
	case wasm.I32:
		w.i32(0)
	case wasm.I64:
		w.i64(0)
	case wasm.F32:
		w.f32(0)
	case wasm.F64:
		w.f64(0)
	case wasm.V128:
		w.op(wasm.V128Const)
		w.out = append(w.out, make([]byte, 16)...)
	default:
		w.out = append(w.out, byte(wasm.RefNull), byte(t))
	}
}

// br writes a branch to the frame that the source calls label.
func (w *rewriter) br(op wasm.Op, label uint32) {
	f := &w.frames[len(w.frames)-1-int(label)]
	w.upTo(w.in.Start)
	if op == wasm.BrIf && w.o.Fuel && f.fixed && f.owed != w.debt && f.arity == 0 && f.op != wasm.Loop {
		w.brIfOwing(f)
		return
	}
	w.meet(f)
	w.replace(&w.in)
	w.branch(op, f.label)
	w.live = op == wasm.BrIf
}

// brIfOwing settles on the way to the label only: mostly a way out for errors,
// that the code beside it need not pay for.
func (w *rewriter) brIfOwing(f *frame) {
	w.replace(&w.in)
	owed := w.debt
	w.open(wasm.If, 0)
	w.settle(f.owed)
	w.branch(wasm.Br, f.label)
	w.end()
	w.debt = owed
}

func (w *rewriter) ret() {
	w.live = false
	if !w.o.Fuel {
		w.upTo(w.in.End)
		return
	}
	f := &w.frames[0]
	w.upTo(w.in.Start)
	w.meet(f)
	w.replace(&w.in)
	w.branch(wasm.Br, f.label)
}

// call writes a call of something that throws what throws says.
func (w *rewriter) call(throws tags) {
	in := &w.in
	w.upTo(in.Start)
	w.saveMeters()
	w.upTo(in.End)
	w.loadFuel()
	w.debt = 0
	if throws == 0 || w.top().handler == noHandler {
		return
	}
	if len(w.frames) == 1 && w.returnsNext() {
		return
	}
	if w.o.chargeChecks {
		w.debt += 2
		w.settle(0)
	}
	w.opIndex(wasm.GlobalGet, w.g.tag)
	w.branch(wasm.BrIf, w.top().handler)
}

// returnsNext says whether the function returns at once: then an exception can
// stay in flight for the caller to see.
func (w *rewriter) returnsNext() bool {
	next := wasm.Op(w.src[w.in.End])
	return next == wasm.Return || next == wasm.End
}

// brTable writes a br_table. Its labels may take different debts; those that
// differ from the one chosen get a landing of their own, where the difference
// is settled:
//
//	local.set n  block block  local.get n  br_table …
//	end  settle  br label
//	end  settle  br label
func (w *rewriter) brTable() {
	in := &w.in
	w.upTo(in.Start)
	var landings []int
	if !w.o.Fuel || w.target(in.Labels[0]).arity > 0 {
		w.settle(0) // labels with values are pinned to it
	} else {
		landings = w.chooseDebt(in.Labels)
	}
	w.replace(in)
	base := w.depth
	if len(landings) > 0 {
		n := w.local(&w.temps.i32, wasm.I32)
		w.opIndex(wasm.LocalSet, n)
		for range landings {
			w.open(wasm.Block, 0)
		}
		w.opIndex(wasm.LocalGet, n)
	}
	w.out = wasm.AppendU32(append(w.out, byte(wasm.BrTable)), uint32(len(in.Labels)-1))
	for _, label := range in.Labels {
		f := w.target(label)
		to := f.label
		if f.landing > 0 {
			to = base + f.landing
		}
		w.out = wasm.AppendU32(w.out, uint32(w.depth-to))
	}
	debt := w.debt
	for i := len(landings) - 1; i >= 0; i-- {
		f := &w.frames[landings[i]]
		f.landing = 0
		w.end()
		w.debt = debt
		w.settle(f.owed)
		w.branch(wasm.Br, f.label)
	}
	w.live = false
}

// target is the frame that the source calls label.
func (w *rewriter) target(label uint32) *frame { return &w.frames[len(w.frames)-1-int(label)] }

// chooseDebt settles on a debt for most labels, and returns the frames that
// take another, numbered from 1 in frame.landing.
func (w *rewriter) chooseDebt(labels []uint32) (landings []int) {
	free := false
	for _, label := range labels {
		free = free || !w.target(label).fixed
	}
	if !free {
		w.settle(w.target(labels[len(labels)-1]).owed)
	}
	for _, label := range labels {
		f := w.target(label)
		switch {
		case !f.fixed:
			f.owed, f.fixed = w.debt, true
		case f.owed != w.debt && f.landing == 0:
			landings = append(landings, len(w.frames)-1-int(label))
			f.landing = len(landings)
		}
	}
	return landings
}
