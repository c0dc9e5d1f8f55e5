package instrument

import "github.com/assay-dev/assay/runtimes/wasm"

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
