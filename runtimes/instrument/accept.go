package instrument

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// exportPrefix is kept for what the rewriting exports.
const exportPrefix = "assay."

// accept refuses what the lowering and the snapshots can't carry.
func accept(m *wasm.Module, o Options) error {
	for _, check := range []func(*wasm.Module) error{acceptExports, acceptTags, acceptExnRefs} {
		if err := check(m); err != nil {
			return err
		}
	}
	if o.LowSlots > 0 && (len(m.Globals) == 0 || m.Globals[stackPointer].Type != wasm.I32 || !m.Globals[stackPointer].Mutable) {
		return refuse("no stack pointer as the first global, to be set when slots are low")
	}
	if !o.State {
		return nil
	}
	return acceptState(m)
}

func refuse(format string, args ...any) error {
	return &wasm.Error{Kind: wasm.ErrRefused, Func: -1, Text: fmt.Sprintf(format, args...)}
}

func acceptExports(m *wasm.Module) error {
	for _, e := range m.Exports {
		if strings.HasPrefix(e.Name, exportPrefix) {
			return refuse("an export named %q: the prefix %q is taken", e.Name, exportPrefix)
		}
		if e.Kind == wasm.KindTag {
			return refuse("an exported tag (%q)", e.Name)
		}
	}
	return nil
}

func acceptTags(m *wasm.Module) error {
	if m.ImportedTags > 0 {
		return refuse("an imported tag")
	}
	for i, ty := range m.Tags {
		if p := m.Types[ty].Params; len(p) > 1 || len(p) == 1 && p[0] != wasm.I32 {
			return refuse("tag %d of type %v: only [] and [i32] are lowered", i, m.Types[ty])
		}
	}
	return nil
}

// acceptExnRefs refuses exnref where its becoming an i64 could be seen: in
// tables and globals, and in what is called by a type or from outside.
func acceptExnRefs(m *wasm.Module) error {
	for i, t := range m.Tables {
		if t.Elem == wasm.ExnRef {
			return refuse("table %d of exnref", i)
		}
	}
	for i, g := range m.Globals {
		if g.Type == wasm.ExnRef {
			return refuse("global %d of type exnref", i)
		}
	}
	for i, s := range m.Elems {
		if s.Type == wasm.ExnRef {
			return refuse("element segment %d of exnref", i)
		}
	}
	for fn, ty := range m.Funcs {
		if hasExnRef(m.Types[ty]) && (fn < m.ImportedFuncs || m.Declared(uint32(fn))) {
			return refuse("exnref in the type of function %d, which others can call", fn)
		}
	}
	return nil
}

func hasExnRef(t wasm.FuncType) bool {
	return slices.Contains(t.Params, wasm.ExnRef) || slices.Contains(t.Results, wasm.ExnRef)
}

// acceptState refuses what an image can't hold.
func acceptState(m *wasm.Module) error {
	for i, g := range m.Globals {
		if g.Mutable && (g.Type == wasm.V128 || g.Type.IsRef()) {
			return refuse("mutable global %d of type %v, which an image can't hold", i, g.Type)
		}
	}
	for i, s := range m.Elems {
		if outOfTable(m, s) {
			return refuse("element segment %d lies outside of its table", i)
		}
	}
	for i, s := range m.Data {
		if s.Mode == wasm.Active && s.Offset.Op != wasm.I32Const {
			return refuse("data segment %d at an offset that is no constant", i)
		}
	}
	return nil
}

// outOfTable says whether an active segment surely traps when an instance is
// made; not all engines do.
func outOfTable(m *wasm.Module, s wasm.Elem) bool {
	if s.Mode != wasm.Active || s.Offset.Op != wasm.I32Const || int(s.Table) < m.ImportedTables {
		return false
	}
	end := int64(uint32(s.Offset.Value)) + int64(s.Len)
	return end > int64(m.Tables[s.Table].Limits.Min)
}

// misread is an instruction that wazero 1.12 may get wrong, and that is written
// in another way: a compare (see origins), or a select of type t.
type misread struct {
	at int32
	t  wasm.ValType
}

// writeAround writes the next misread instruction.
func (w *rewriter) writeAround() {
	m := w.misread[0]
	w.misread = w.misread[1:]
	if m.t != 0 {
		w.selectOf(m.t)
		return
	}
	w.upTo(w.in.End)
	w.i32(0)
	w.op(wasm.I32Or)
	w.around(2)
}

// around counts operators that are written beside the source's.
func (w *rewriter) around(n int64) {
	if w.o.chargeChecks {
		w.debt += n
	}
}

// selectOf writes a select. wazero's register allocator for amd64 does not know
// that a select of floats or vectors uses the value it falls back on, and gives
// its register away where it is short of them. So those are made of selects of
// integers. See TestSelects.
func (w *rewriter) selectOf(t wasm.ValType) {
	var toInt, ofInt wasm.Op
	var y uint32
	switch t {
	case wasm.F32:
		toInt, ofInt, y = wasm.I32OfF32, wasm.F32OfI32, w.local(&w.temps.f32, wasm.F32)
	case wasm.F64:
		toInt, ofInt, y = wasm.I64OfF64, wasm.F64OfI64, w.local(&w.temps.f64, wasm.F64)
	case wasm.V128:
	default:
		return
	}
	w.replace(&w.in)
	c := w.local(&w.temps.i32, wasm.I32)
	w.opIndex(wasm.LocalSet, c)
	if t == wasm.V128 {
		w.i64(-1)
		w.i64(0)
		w.opIndex(wasm.LocalGet, c)
		w.op(wasm.Select, wasm.I64x2Splat, wasm.V128Bitselect)
		w.around(6)
		return
	}
	w.opIndex(wasm.LocalSet, y)
	w.op(toInt)
	w.opIndex(wasm.LocalGet, y)
	w.op(toInt)
	w.opIndex(wasm.LocalGet, c)
	w.op(wasm.Select, ofInt)
	w.around(7)
}

// Where functions look at the meters. Loops always look, at every round. Of
// the functions only so many have to on entry that between two looks little
// fuel is used and the stack grows by little:
//
//   - those that call themselves, by way of others or not: one on every cycle
//     of direct calls, and whatever indirect calls reach, unless it calls
//     nothing and is small;
//   - those that take much fuel or stack with all they call before the next look.
//
// The stack of a function that does not look is charged to its callers' frames.
const (
	smallLeaf   = 500       // fuel of a function behind a pointer that need not look
	maxUnlooked = 20_000    // fuel between two looks, by what does not look
	maxBetween  = 1_000_000 // fuel between two looks, by what does
	freeSlots   = 128       // stack of a function that need not look
)

// unlooked is what a function that does not look takes, its callees included.
type unlooked struct {
	fuel  int64
	slots int64
}

// callStep is a function on the way of placeChecks, and which call comes next.
type callStep struct {
	fn, next int
}

// placeChecks decides which functions look on entry: it walks the direct calls
// depth first, and a call back into the way just taken closes a cycle.
func (a *analysis) placeChecks(overhead uint32) {
	const seen, done = 1, 2
	state := make([]uint8, len(a.funcs))
	taken := make([]unlooked, len(a.funcs))
	var way []callStep
	for root := a.m.ImportedFuncs; root < len(a.funcs); root++ {
		if state[root] != 0 {
			continue
		}
		state[root] = seen
		way = append(way, callStep{fn: root})
		for len(way) > 0 {
			step := &way[len(way)-1]
			f := &a.funcs[step.fn]
			if step.next == f.ndirect {
				a.finish(step.fn, f.slots+int64(overhead), taken)
				state[step.fn] = done
				way = way[:len(way)-1]
				continue
			}
			callee := int(a.calls[f.direct+step.next])
			step.next++
			switch {
			case callee < a.m.ImportedFuncs:
			case state[callee] == 0:
				state[callee] = seen
				way = append(way, callStep{fn: callee})
			case state[callee] == seen:
				a.funcs[callee].checked = true
			}
		}
	}
}

// finish decides about a function whose callees are known.
func (a *analysis) finish(fn int, slots int64, taken []unlooked) {
	f := &a.funcs[fn]
	fuel := int64(f.cost) + smallLeaf*int64(f.nindirect)
	below := int64(0)
	for _, callee := range a.calls[f.direct : f.direct+f.ndirect] {
		g := &a.funcs[callee]
		if int(callee) < a.m.ImportedFuncs || g.checked {
			continue
		}
		below = max(below, taken[callee].slots)
		if fuel += taken[callee].fuel; fuel > maxBetween {
			g.checked = true
		}
	}
	f.frame = slots + below
	taken[fn] = unlooked{fuel, f.frame}
	pointed := a.m.Declared(uint32(fn)) || a.m.Start == fn
	switch {
	case f.frame > freeSlots, fuel > maxUnlooked:
		f.checked = true
	case pointed && (f.sites() > 0 || fuel > smallLeaf):
		f.checked = true
	}
}
