package instrument

import "github.com/assay-dev/assay/runtimes/wasm"

// charged writes operators of the lowering that the schedule charges.
func (w *rewriter) charged(ops ...wasm.Op) {
	w.debt += int64(len(ops))
	w.op(ops...)
}

func (w *rewriter) chargedIndex(op wasm.Op, index uint32) {
	w.debt++
	w.opIndex(op, index)
}

func (w *rewriter) chargedI32(v int32) {
	w.debt++
	w.i32(v)
}

func (w *rewriter) chargedI64(v int64) {
	w.debt++
	w.i64(v)
}

// tryTable opens $join and, in it, $dispatch around the body.
func (w *rewriter) tryTable() {
	in := &w.in
	f := frame{op: wasm.TryTable, mark: w.a.marks[w.mark], outer: w.top().handler}
	w.mark++
	f.arity = len(w.m.BlockOf(in.Block, &w.result).Results)
	f.fixed = f.pinned()
	f.catches = append([]wasm.Catch(nil), in.Catches...)
	w.upTo(in.Start)
	params := w.m.BlockOf(in.Block, &w.result).Params
	w.openBlock(wasm.Block, in.Block)
	f.label = w.depth
	if len(params) > 0 {
		w.openType(wasm.Block, w.types.index(wasm.FuncType{Params: params}))
	} else {
		w.open(wasm.Block, 0)
	}
	f.handler = w.depth
	w.frames = append(w.frames, f)
}

// leaveTry ends a body that ran to its end.
func (w *rewriter) leaveTry(f *frame) {
	w.debt++
	w.meet(f)
	w.branch(wasm.Br, f.label)
}

// dispatch is where exceptions of the body come to: the clauses in order, then
// the handler around.
func (w *rewriter) dispatch(f *frame) {
	w.end()
	w.debt = 0
	w.frames = w.frames[:len(w.frames)-1] // labels of clauses are those around
	for _, c := range f.catches {
		if c.Kind >= wasm.CatchAll {
			w.catch(c, f)
			w.frames = append(w.frames, *f)
			return
		}
		w.chargedIndex(wasm.GlobalGet, w.g.tag)
		w.chargedI32(int32(c.Tag) + 1)
		w.charged(wasm.I32Eq)
		w.debt++
		w.open(wasm.If, 0)
		owed := w.debt
		w.catch(c, f)
		w.debt = owed
		w.end()
	}
	w.toHandler(f.outer)
	w.frames = append(w.frames, *f)
}

// catch takes the exception in flight and branches with it.
func (w *rewriter) catch(c wasm.Catch, f *frame) {
	if c.Kind <= wasm.CatchTagRef && len(w.m.Types[w.m.Tags[c.Tag]].Params) > 0 {
		w.chargedIndex(wasm.GlobalGet, w.g.payload)
	}
	if c.Kind == wasm.CatchTagRef || c.Kind == wasm.CatchAllRef {
		w.pack()
	}
	w.chargedI32(0)
	w.chargedIndex(wasm.GlobalSet, w.g.tag)
	w.debt++
	target := &w.frames[len(w.frames)-1-int(c.Label)]
	w.meet(target)
	w.branch(wasm.Br, target.label)
}

// pack pushes the exception in flight as an i64.
func (w *rewriter) pack() {
	w.chargedIndex(wasm.GlobalGet, w.g.tag)
	w.charged(wasm.I64ExtendU32)
	w.chargedI64(32)
	w.charged(wasm.I64Shl)
	w.chargedIndex(wasm.GlobalGet, w.g.payload)
	w.charged(wasm.I64ExtendU32, wasm.I64Or)
}

// toHandler sends the exception in flight to a handler.
func (w *rewriter) toHandler(handler int) {
	if handler == noHandler {
		w.op(wasm.Unreachable) // nothing that comes here is left uncaught
		return
	}
	w.debt++
	w.settle(0)
	w.branch(wasm.Br, handler)
}

func (w *rewriter) throw() {
	in := &w.in
	w.replace(in)
	w.debt-- // its cost is that of its parts
	if len(w.m.Types[w.m.Tags[in.Index]].Params) > 0 {
		w.chargedIndex(wasm.GlobalSet, w.g.payload)
	}
	w.chargedI32(int32(in.Index) + 1)
	w.chargedIndex(wasm.GlobalSet, w.g.tag)
	w.toHandler(w.top().handler)
	w.live = false
}

// throwRef unpacks an i64 and traps on null.
func (w *rewriter) throwRef() {
	w.replace(&w.in)
	w.debt--
	x := w.local(&w.temps.i64, wasm.I64)
	w.chargedIndex(wasm.LocalTee, x)
	w.charged(wasm.I64Eqz)
	w.debt++
	w.open(wasm.If, 0)
	w.saveFuel()
	w.op(wasm.Unreachable)
	w.end()
	w.chargedIndex(wasm.LocalGet, x)
	w.charged(wasm.I32WrapI64)
	w.chargedIndex(wasm.GlobalSet, w.g.payload)
	w.chargedIndex(wasm.LocalGet, x)
	w.chargedI64(32)
	w.charged(wasm.I64ShrU, wasm.I32WrapI64)
	w.chargedIndex(wasm.GlobalSet, w.g.tag)
	w.toHandler(w.top().handler)
	w.live = false
}
