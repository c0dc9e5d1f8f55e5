package instrument

import "github.com/assay-dev/assay/runtimes/wasm"

// enterMeters writes the prologue: load the meters, look at them.
func (w *rewriter) enterMeters() {
	f := w.info
	if w.o.Fuel {
		w.debt = 1
		w.opIndex(wasm.GlobalGet, w.g.fuel)
		w.opIndex(wasm.LocalSet, w.fuel())
	}
	// With one call at most, the global still holds at it what it held here.
	if w.o.Depth && (f.checked || f.sites() > 1 || f.sites() == 1 && f.loops) {
		w.opIndex(wasm.GlobalGet, w.g.depth)
		if f.checked {
			w.i64(f.frame)
			w.op(wasm.I64Sub)
		}
		w.opIndex(wasm.LocalSet, w.depthLocal())
	}
	if f.checked {
		w.check(w.o.Fuel, w.o.Depth)
	}
}

// check stops the guest when a meter is below zero or the host says so: one
// comparison, since or-ing keeps a sign.
func (w *rewriter) check(fuel, depth bool) {
	switch {
	case fuel && depth:
		w.opIndex(wasm.LocalGet, w.fuel())
		w.opIndex(wasm.LocalGet, w.depthLocal())
		w.op(wasm.I64Or)
	case fuel:
		w.opIndex(wasm.LocalGet, w.fuel())
	case depth:
		w.opIndex(wasm.LocalGet, w.depthLocal())
	default:
		return
	}
	if w.o.Stop {
		w.opIndex(wasm.GlobalGet, w.g.stop)
	} else {
		w.i64(0)
	}
	w.op(wasm.I64LtS)
	w.open(wasm.If, 0)
	if fuel {
		w.opIndex(wasm.LocalGet, w.fuel())
		w.opIndex(wasm.GlobalSet, w.g.fuel)
	}
	if depth {
		w.opIndex(wasm.LocalGet, w.depthLocal())
		w.opIndex(wasm.GlobalSet, w.g.depth)
	}
	w.op(wasm.Unreachable)
	w.end()
}

// breakUp goes before a loop. An optimiser that sees no store between a look at
// the stop flag and the next one takes the flag for what it was, and such a loop
// couldn't be stopped from outside. The payload is nobody's here: no exception
// is on its way.
func (w *rewriter) breakUp() {
	if w.o.Fuel && w.o.Stop {
		w.i32(0)
		w.opIndex(wasm.GlobalSet, w.g.payload)
	}
}

func (w *rewriter) checkLoop() { w.check(w.o.Fuel, false) }

func (w *rewriter) fuel() uint32       { return w.local(&w.temps.fuel, wasm.I64) }
func (w *rewriter) depthLocal() uint32 { return w.local(&w.temps.depth, wasm.I64) }

// settle takes from the fuel what is owed above owe; below, it gives back.
func (w *rewriter) settle(owe int64) {
	if w.o.Fuel && w.debt != owe {
		w.opIndex(wasm.LocalGet, w.fuel())
		w.i64(w.debt - owe)
		w.op(wasm.I64Sub)
		w.opIndex(wasm.LocalSet, w.fuel())
	}
	w.debt = owe
}

// meet makes the code owe what the frame's label takes; the first to reach it
// says how much that is.
func (w *rewriter) meet(f *frame) {
	if f.fixed {
		w.settle(f.owed)
		return
	}
	f.owed, f.fixed = w.debt, true
}

// saveFuel stores the fuel left, all debts paid, for others to see.
func (w *rewriter) saveFuel() {
	if !w.o.Fuel {
		return
	}
	w.opIndex(wasm.LocalGet, w.fuel())
	if w.debt != 0 {
		w.i64(w.debt)
		w.op(wasm.I64Sub)
	}
	w.opIndex(wasm.GlobalSet, w.g.fuel)
}

func (w *rewriter) loadFuel() {
	if w.o.Fuel {
		w.opIndex(wasm.GlobalGet, w.g.fuel)
		w.opIndex(wasm.LocalSet, w.fuel())
	}
}

// saveMeters goes before a call.
func (w *rewriter) saveMeters() {
	w.saveFuel()
	if w.temps.depth != 0 {
		w.opIndex(wasm.LocalGet, w.depthLocal())
		w.opIndex(wasm.GlobalSet, w.g.depth)
	}
}

// bulk charges an operation whose length is on top of the stack, before it
// starts, and looks whether the fuel lasts.
func (w *rewriter) bulk() {
	grow := w.in.Op == wasm.MemoryGrow && w.o.Memory
	if !w.o.Fuel && !grow {
		return
	}
	w.upTo(w.in.Start)
	n := w.local(&w.temps.i32, wasm.I32)
	w.opIndex(wasm.LocalSet, n)
	if w.o.Fuel && !w.o.flatBulk {
		w.opIndex(wasm.LocalGet, w.fuel())
		w.opIndex(wasm.LocalGet, n)
		w.op(wasm.I64ExtendU32, wasm.I64Sub)
		w.opIndex(wasm.LocalSet, w.fuel())
		w.settle(0)
		w.opIndex(wasm.LocalGet, w.fuel())
		w.i64(0)
		w.op(wasm.I64LtS)
		w.open(wasm.If, 0)
		w.saveFuel()
		w.op(wasm.Unreachable)
		w.end()
	}
	if grow {
		w.grow(n)
		return
	}
	w.opIndex(wasm.LocalGet, n)
}

// grow writes memory.grow by n pages, held against the limit and the memory's
// own maximum. A refusal is noted: ours, or the engine's, which has no other
// reason left than that the host has no memory.
func (w *rewriter) grow(n uint32) {
	w.taken = w.in.End
	w.out = append(w.out, byte(wasm.MemorySize), 0)
	w.op(wasm.I64ExtendU32)
	w.opIndex(wasm.LocalGet, n)
	w.op(wasm.I64ExtendU32, wasm.I64Add)
	w.mostPages()
	w.op(wasm.I64ExtendU32, wasm.I64GtU)
	w.open(wasm.If, wasm.I32)
	w.noteRefusal(MemRefused)
	w.i32(-1)
	w.op(wasm.Else)
	w.opIndex(wasm.LocalGet, n)
	w.out = append(w.out, byte(wasm.MemoryGrow), 0)
	w.opIndex(wasm.LocalTee, n)
	w.i32(-1)
	w.op(wasm.I32Eq)
	w.open(wasm.If, 0)
	w.noteRefusal(MemStarved)
	w.end()
	w.opIndex(wasm.LocalGet, n)
	w.end()
}

// mostPages pushes how far the memory may grow.
func (w *rewriter) mostPages() {
	w.opIndex(wasm.GlobalGet, w.g.memLimit)
	if own := w.m.Memories[0]; own.HasMax {
		w.i32(int32(own.Max))
		w.opIndex(wasm.GlobalGet, w.g.memLimit)
		w.i32(int32(own.Max))
		w.op(wasm.I32LtU, wasm.Select)
	}
}

func (w *rewriter) noteRefusal(flag int32) {
	w.opIndex(wasm.GlobalGet, w.g.memRefused)
	w.i32(flag)
	w.op(wasm.I32Or)
	w.opIndex(wasm.GlobalSet, w.g.memRefused)
}
