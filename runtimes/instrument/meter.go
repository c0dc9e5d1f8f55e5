package instrument

import (
	"math"

	"github.com/assay-dev/assay/runtimes/wasm"
)

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
	switch {
	case f.checked && w.o.Depth && w.o.LowSlots > 0:
		w.checkLow()
	case f.checked:
		w.check(w.o.Fuel, w.o.Depth)
	}
}

// checkLow is the check of a function that is entered, where Options.LowSlots asks
// for more. With few slots left the function calls itself, once, with the guest's
// stack pointer set, and gives what comes of it: the meters' globals are as they
// were before, so the call takes what the function would have taken.
func (w *rewriter) checkLow() {
	below := func(meter func()) { // the host's word, or zero
		meter()
		if w.o.Stop {
			w.opIndex(wasm.GlobalGet, w.g.stop)
		} else {
			w.i64(0)
		}
		w.op(wasm.I64LtS)
	}
	depth := func() { w.opIndex(wasm.LocalGet, w.depthLocal()) }
	spare := func() {
		depth()
		w.i64(int64(w.o.LowSlots))
		w.op(wasm.I64Sub)
	}
	if w.o.Fuel {
		below(func() {
			w.opIndex(wasm.LocalGet, w.fuel())
			spare()
			w.op(wasm.I64Or)
		})
	} else {
		below(spare)
	}
	w.open(wasm.If, 0)
	w.check(w.o.Fuel, true)
	w.i32(int32(w.o.LowPointer))
	w.opIndex(wasm.GlobalGet, stackPointer)
	w.op(wasm.I32LtU)
	w.open(wasm.If, 0)
	was := w.local(&w.temps.i32, wasm.I32)
	w.opIndex(wasm.GlobalGet, stackPointer)
	w.opIndex(wasm.LocalSet, was)
	w.i32(int32(w.o.LowPointer))
	w.opIndex(wasm.GlobalSet, stackPointer)
	for i := range w.m.TypeOf(uint32(w.fn)).Params {
		w.opIndex(wasm.LocalGet, uint32(i))
	}
	w.opIndex(wasm.Call, uint32(w.fn))
	w.opIndex(wasm.LocalGet, was)
	w.opIndex(wasm.GlobalSet, stackPointer)
	w.op(wasm.Return)
	w.end()
	w.end()
}

// stackPointer is the global that compilers with a stack in memory keep its end in.
const stackPointer = 0

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
	grow := (w.in.Op == wasm.MemoryGrow || w.in.Op == wasm.TableGrow) && w.o.Memory
	if !w.o.Fuel && !grow {
		return
	}
	w.upTo(w.in.Start)
	n := w.local(&w.temps.i32, wasm.I32)
	w.opIndex(wasm.LocalSet, n)
	if w.o.Fuel && !w.o.flat {
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
	switch {
	case !grow:
		w.opIndex(wasm.LocalGet, n)
	case w.in.Op == wasm.MemoryGrow:
		w.grow(n)
	default:
		w.growTable(n)
	}
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
	w.op(wasm.I32Eqz)
	w.open(wasm.If, wasm.I32)
	w.out = append(w.out, byte(wasm.MemorySize), 0)
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
	w.end()
}

// growTable writes table.grow by n elements. What changes nothing, to grow by none
// or beyond the maximum, need not leave compiled code, which takes as long as fifty
// operators.
func (w *rewriter) growTable(n uint32) {
	w.taken = w.in.End
	x := w.in.Index
	ref := plainType(w.m.Tables[x].Elem)
	w.size(x)
	w.op(wasm.I64ExtendU32)
	w.opIndex(wasm.LocalGet, n)
	w.op(wasm.I64ExtendU32, wasm.I64Add)
	w.i64(int64(w.mostElements(x)))
	w.op(wasm.I64GtU)
	asked := w.types.index(wasm.FuncType{Params: []wasm.ValType{ref}, Results: []wasm.ValType{wasm.I32}})
	w.openType(wasm.If, asked)
	w.op(wasm.Drop)
	w.i32(-1)
	w.op(wasm.Else)
	w.opIndex(wasm.LocalGet, n)
	w.op(wasm.I32Eqz)
	w.openType(wasm.If, asked)
	w.op(wasm.Drop)
	w.size(x)
	w.op(wasm.Else)
	w.opIndex(wasm.LocalGet, n)
	w.out = wasm.AppendU32(wasm.AppendOp(w.out, wasm.TableGrow), x)
	w.end()
	w.end()
}

// size pushes the size of a table.
func (w *rewriter) size(table uint32) {
	w.out = wasm.AppendU32(wasm.AppendOp(w.out, wasm.TableSize), table)
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

// The canonical NaNs: positive, quiet, no payload.
const (
	nan32 = 0x7fc00000
	nan64 = 0x7ff8000000000000
)

// canonical makes the value on top of the stack canonical if it is a NaN: if
// x != x it is replaced. Not by a select of floats; see selectOf.
func (w *rewriter) canonical(kind wasm.NaN) {
	switch kind {
	case wasm.NaNF32:
		w.unlessNaN(w.local(&w.temps.f32, wasm.F32), wasm.F32Ne, func() { w.f32(math.Float32frombits(nan32)) })
	case wasm.NaNF64:
		w.unlessNaN(w.local(&w.temps.f64, wasm.F64), wasm.F64Ne, func() { w.f64(math.Float64frombits(nan64)) })
	case wasm.NaNF32x4:
		w.lanes(func() { w.f32(math.Float32frombits(nan32)) }, wasm.F32x4Splat, wasm.F32x4Eq)
	case wasm.NaNF64x2:
		w.lanes(func() { w.f64(math.Float64frombits(nan64)) }, wasm.F64x2Splat, wasm.F64x2Eq)
	}
}

func (w *rewriter) unlessNaN(x uint32, ne wasm.Op, nan func()) {
	w.opIndex(wasm.LocalTee, x)
	w.opIndex(wasm.LocalGet, x)
	w.op(ne)
	w.open(wasm.If, 0)
	nan()
	w.opIndex(wasm.LocalSet, x)
	w.end()
	w.opIndex(wasm.LocalGet, x)
}

// lanes does so for each lane of a vector: the mask of equal lanes chooses.
func (w *rewriter) lanes(nan func(), splat, eq wasm.Op) {
	x := w.local(&w.temps.v128, wasm.V128)
	w.opIndex(wasm.LocalTee, x)
	nan()
	w.op(splat)
	w.opIndex(wasm.LocalGet, x)
	w.opIndex(wasm.LocalGet, x)
	w.op(eq)
	w.op(wasm.V128Bitselect)
}

// wazero 1.12 turns an integer compare of a & b with the constant 0, where it
// decides a branch, into a test of the bits. That gives other flags than the
// compare where the 0 is on its left (amd64) and where it has no sign (arm64).
// The rewriting writes "i32.const 0 i32.or" behind each compare of that kind,
// which keeps it out of the branch. The engine knows a constant through locals
// and blocks, and a & b only between two branches, so that is what is tracked
// here: for every local and operand, by its place, what it may be. See
// TestOrderedCompares.

// origin is what a value may be to the engine.
type origin uint8

const (
	zeroConst   origin = 1 << iota
	masked             // a & b
	otherOrigin        // neither; nothing known is zeroConst
)

// seen is an origin and the straight line of code where it was noted.
type seen struct {
	line uint32
	origin
}

// origins follows one function after the other.
type origins struct {
	line     uint32
	locals   []seen
	operands []seen
}

func (s *origins) begin(locals int) {
	s.line++
	if n := locals - len(s.locals); n > 0 {
		s.locals = append(s.locals, make([]seen, n)...)
	}
}

// of is what a value may be: what was seen before the last branch may be a
// constant, but no a & b.
func (s *origins) of(v seen) origin {
	if v.line != s.line {
		return zeroConst
	}
	return v.origin
}

func (s *origins) operand(at int) origin {
	if at < len(s.operands) {
		return s.of(s.operands[at])
	}
	return zeroConst
}

func (s *origins) push(at int, o origin) {
	if n := at + 1 - len(s.operands); n > 0 {
		s.operands = append(s.operands, make([]seen, n)...)
	}
	s.operands[at] = seen{s.line, o}
}

// misreads takes the next instruction, after which n operands are there, and
// says whether it is a compare that the engine may get wrong.
func (s *origins) misreads(in *wasm.Instr, n int) bool {
	switch op := in.Op; op {
	case wasm.Loop, wasm.If, wasm.Else, wasm.End, wasm.BrIf:
		s.line++
	case wasm.I32Const, wasm.I64Const:
		if in.Value == 0 {
			s.push(n-1, zeroConst)
		} else {
			s.push(n-1, otherOrigin)
		}
	case wasm.LocalGet:
		s.push(n-1, s.of(s.locals[in.Index]))
	case wasm.LocalSet:
		s.locals[in.Index] = seen{s.line, s.operand(n)}
	case wasm.LocalTee:
		s.locals[in.Index] = seen{s.line, s.operand(n - 1)}
	case wasm.I32And, wasm.I64And:
		s.push(n-1, masked)
	case wasm.I32Shl, wasm.I32ShrS, wasm.I32ShrU, wasm.I64Shl, wasm.I64ShrS, wasm.I64ShrU:
		// A shift by the constant 0 is nothing: the operand below stays.
	default:
		wrong := (op >= wasm.I32LtS && op <= wasm.I32GeU || op >= wasm.I64LtS && op <= wasm.I64GeU) &&
			s.operand(n-1)|s.operand(n) == zeroConst|masked
		// What an operator without a case above puts there instead is neither;
		// left as it was, it would only be taken for more than it is.
		if op.Info().Result != 0 || op == wasm.GlobalGet || op == wasm.Select {
			s.push(n-1, otherOrigin)
		}
		return wrong
	}
	return false
}
