package instrument

import "github.com/assay-dev/assay/runtimes/wasm"

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
