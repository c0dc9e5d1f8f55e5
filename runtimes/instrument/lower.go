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

// tags is a set of exception tags, one bit each. Tags past the 63rd share the
// last bit, which no clause but catch_all takes away.
type tags uint64

const (
	sharedTag tags = 1 << 63
	allTags   tags = 1<<64 - 1
)

func tagBit(tag uint32) tags { return 1 << min(tag, 63) }

// graph is the call graph, turned around: from what is called to its callers.
// Its nodes are the functions and, behind them, the types that indirect calls
// go through; an address-taken function flows into its type's node.
type graph struct {
	funcs int
	types []int // node of every type; equal types share one
	edges []edge
}

// maxEdges bounds the memory that a module of nothing but calls takes; CPython
// has a million.
const maxEdges = 16_000_000

// edge says that what leaves from, as far as it is in pass, leaves to as well.
type edge struct {
	from, to int32
	pass     tags
}

func newGraph(m *wasm.Module) graph {
	g := graph{funcs: len(m.Funcs), types: make([]int, len(m.Types))}
	first := map[string]int{}
	for i, t := range m.Types {
		key := t.String()
		if _, ok := first[key]; !ok {
			first[key] = g.funcs + i
		}
		g.types[i] = first[key]
	}
	for fn, ty := range m.Funcs {
		if m.Declared(uint32(fn)) {
			g.call(fn, g.types[ty], allTags)
		}
	}
	return g
}

func (g *graph) typeNode(ty uint32) int { return g.types[ty] }

// call notes that to calls from, at a place where pass gets out of it.
func (g *graph) call(from, to int, pass tags) {
	if pass == 0 {
		return
	}
	if n := len(g.edges); n > 0 {
		if last := &g.edges[n-1]; last.to == int32(to) && last.from == int32(from) {
			last.pass |= pass
			return
		}
	}
	g.edges = append(g.edges, edge{int32(from), int32(to), pass})
}

// solve spreads what functions throw to their callers, to the fixpoint, and
// returns it for every node.
func (g *graph) solve(funcs []function) []tags {
	nodes := g.funcs + len(g.types)
	throws := make([]tags, nodes)
	for i := range funcs {
		throws[i] = funcs[i].throws
	}
	first, edges := g.byCallee(nodes)
	var work []int32
	for i, t := range throws {
		if t != 0 {
			work = append(work, int32(i))
		}
	}
	for len(work) > 0 {
		from := work[len(work)-1]
		work = work[:len(work)-1]
		for _, e := range edges[first[from]:first[from+1]] {
			if add := throws[from] & e.pass &^ throws[e.to]; add != 0 {
				throws[e.to] |= add
				work = append(work, e.to)
			}
		}
	}
	return throws
}

// byCallee sorts the edges by from: those of node n are [first[n], first[n+1]).
func (g *graph) byCallee(nodes int) (first []int32, edges []edge) {
	first = make([]int32, nodes+2)
	for _, e := range g.edges {
		first[e.from+2]++
	}
	for i := 2; i < len(first); i++ {
		first[i] += first[i-1]
	}
	edges = make([]edge, len(g.edges))
	for _, e := range g.edges {
		edges[first[e.from+1]] = e
		first[e.from+1]++
	}
	return first, edges
}
