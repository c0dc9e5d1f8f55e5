package instrument

import (
	"fmt"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// What a module takes to compile is counted on the code that an engine is given,
// and bounded: no engine has a meter of its own, and each is slow at something
// that another is quick at. Compiling is nearly linear in code as compilers write
// it. It is not where many values, or a long way through blocks, meet few
// instructions, so each of these is counted for itself. RATIONALE has the
// measurements.

// shape is what makes a function costly.
type shape struct {
	bytes   int64
	ops     int64
	heavy   int64 // operators that may trap, or leave the code
	tables  int64 // operators on tables, calls through them included
	targets int64 // of br_tables
	passed  int64 // parameters and results, the function's own and those of its calls
	blocks  int64
	way     int64 // over all edges: the blocks before it on every way there
	values  int64 // over all edges: locals and operands
	carry   int64 // over all edges: values × way
	merge   int64 // over all labels: edges × the square of the values that may differ
	rounds  int64 // over all loops: values that may differ in each round
	nests   int64 // over all loops: steps for the loops around, itself included, and for what differs in it
	folds   int64 // sums and products with a constant, of others with a constant
}

// A step stands for about 10 ns of the slowest engine. Of values and passed only what
// is beyond that of usual code counts.
const (
	stepsByte     = 50
	stepsHeavy    = 200
	stepsTable    = 7000 // and the square of their number
	stepsTarget   = 1000 // and an eighth of the square of their number
	stepsFunction = 8000
	stepsType     = 2000
	stepsOfType   = 200 // for each parameter and result of a type
	stepsNested   = 200 // for each value that may differ, and each loop around
	stepsWay      = 5
	waysPart      = 10  // for each edge to a label, of the blocks since that began
	stepsValue    = 80  // beyond 4 for each instruction
	stepsPassed   = 200 // beyond 1 for 4 instructions
	stepsFold     = 5000
	stepsRound    = 1400 // and 1 for each block of the function
	mergesAStep   = 3
	carriesAStep  = 64
	passedSquares = 2000 // squares of passed to a step
	blocksAStep   = 5    // of the largest function, for each function
)

// maxBody is the longest code of a function, in bytes; wasmtime takes no more than
// 7,654,321.
const maxBody = 7_000_000

// term is one reason why a module takes many steps.
type term struct {
	what  string
	steps int64
}

func (f *shape) terms() [10]term {
	passed := min(max(0, f.passed-f.ops/4), 1<<31) // its square is a number still
	return [...]term{
		{"code", stepsFunction + stepsByte*f.bytes + stepsHeavy*f.heavy},
		{"tables", stepsTable*f.tables + f.tables*f.tables},
		{"targets of br_table", stepsTarget*f.targets + f.targets*f.targets/8},
		{"sums of sums with constants", stepsFold * f.folds},
		{"blocks that lie before each branch", stepsWay*f.way + f.carry/carriesAStep},
		{"values at branches", stepsValue * max(0, f.values-4*f.ops)},
		{"values that meet at labels", f.merge / mergesAStep},
		{"values in loops", f.rounds * (stepsRound + f.blocks)},
		{"loops in loops", f.nests},
		{"values passed", stepsPassed*passed + passed*passed/passedSquares},
	}
}

// memory is what compiling the function may take, in bytes.
func (f *shape) memory() int64 {
	return 50*f.bytes + 5000*(f.heavy+f.folds) + 15_000*f.tables + 2500*f.targets + 600*f.passed + 200*f.values
}

// bill adds up what a module takes.
type bill struct {
	steps     int64
	functions int64
	blocks    int64 // of the largest function
}

// types adds the types of functions, or says what is too much.
func (b *bill) types(types []wasm.FuncType, o *Options) string {
	for i := range types {
		b.steps += stepsType + stepsOfType*int64(len(types[i].Params)+len(types[i].Results))
	}
	if b.steps > o.CompileSteps {
		return fmt.Sprintf("%d steps (at most %d) for the types of functions", b.steps, o.CompileSteps)
	}
	return ""
}

// add adds a function, or says what is too much.
func (b *bill) add(f *shape, o *Options) string {
	most := term{}
	b.functions++
	b.blocks = max(b.blocks, f.blocks)
	for _, t := range f.terms() {
		if b.steps += t.steps; t.steps > most.steps {
			most = t
		}
	}
	switch steps := b.steps + b.functions*b.blocks/blocksAStep; {
	case steps > o.CompileSteps:
		return fmt.Sprintf("%d steps (at most %d), of which the function takes %d for %s", steps, o.CompileSteps, most.steps, most.what)
	case f.bytes > maxBody:
		return fmt.Sprintf("%d bytes of rewritten code in one function (at most %d)", f.bytes, maxBody)
	case f.memory() > o.CompileBytes:
		return fmt.Sprintf("%d bytes of memory for one function (at most %d)", f.memory(), o.CompileBytes)
	}
	return ""
}

// measured is a block being read.
type measured struct {
	op              wasm.Op
	height          int   // of the operands below it
	params, results int   // of its type
	way             int64 // at its start
	label           int64 // the least way to its label; -1 while nothing goes there
	edges           int64 // to its label
	locals          int64 // operators on locals before it
	set             int   // locals set before it, in gauge.set
}

// made is what a value may be made of, where an optimiser looks for it.
type made uint8

const (
	ofConstant made = 1 + iota // a constant
	ofSum                      // a sum or a product with one
)

// gauge measures functions, one after the other.
type gauge struct {
	w      *rewriter
	f      shape
	blocks []measured
	height int
	made   []made   // of the operands, as far as any was noted
	of     []made   // of the locals
	set    []uint32 // locals set since the blocks around began
	stored made     // of what was stored since the last call
	locals int64    // of the function
	uses   int64    // operators on locals so far
	way    int64
	loops  int64 // open
	live   bool
	dead   int // blocks opened since the code became unreachable
	in     wasm.Instr
}

// function measures a function as it was written anew.
func (g *gauge) function(w *rewriter, fn int, c *wasm.Code) (*shape, error) {
	t := w.m.TypeOf(uint32(fn))
	g.w = w
	g.f = shape{bytes: int64(len(w.out)), passed: int64(len(t.Params) + len(t.Results)), blocks: 1}
	g.locals = int64(len(t.Params) + c.NumLocals() + len(w.added))
	g.height, g.uses, g.way, g.live, g.dead = 0, 0, 0, true, 0
	g.made, g.of, g.stored = g.made[:0], append(g.of[:0], make([]made, g.locals)...), 0
	g.set, g.loops = g.set[:0], 0
	g.blocks = append(g.blocks[:0], measured{op: wasm.Call, results: len(t.Results), label: -1})
	code := wasm.Code{Body: w.out}
	r := wasm.NewReader(&code, fn, w.o.Bounds.BrTargets)
	for g.f.carry < 1<<60 && r.Next(&g.in) {
		g.step()
	}
	return &g.f, r.Err()
}

// edge is a way from here to another block.
func (g *gauge) edge() {
	n := g.locals + int64(g.height)
	g.f.way += g.way
	g.f.values += n
	g.f.carry += n * g.way
}

// to is an edge to the label of b.
func (g *gauge) to(b *measured) {
	if b.label < 0 || g.way < b.label {
		b.label = g.way
	}
	b.edges++
	g.f.way += waysPart * (g.way - b.way)
	g.edge()
}

func (g *gauge) branch(label uint32) { g.to(&g.blocks[len(g.blocks)-1-int(label)]) }

// next begins a block that follows here.
func (g *gauge) next() {
	g.f.blocks++
	g.way++
}

func (g *gauge) step() {
	in := &g.in
	g.f.ops++
	if !g.live {
		switch in.Op {
		case wasm.Block, wasm.Loop, wasm.If:
			g.dead++
			return
		case wasm.End:
			if g.dead--; g.dead >= 0 {
				return
			}
			g.dead = 0
		case wasm.Else:
			if g.dead > 0 {
				return
			}
		default:
			return
		}
	}
	switch in.Op {
	case wasm.Block, wasm.Loop, wasm.If:
		g.enter()
	case wasm.Else:
		b := &g.blocks[len(g.blocks)-1]
		if g.live {
			g.to(b)
		}
		b.op = wasm.Else
		g.way, g.height, g.live = b.way, b.height, true
		g.unknown(b.params)
		g.f.blocks++
	case wasm.End:
		g.leave()
	case wasm.Br:
		g.branch(in.Index)
		g.live = false
	case wasm.BrIf:
		g.height--
		g.branch(in.Index)
		g.edge()
		g.next()
	case wasm.BrTable:
		g.height--
		g.f.targets += int64(len(in.Labels))
		for _, label := range in.Labels {
			g.branch(label)
		}
		g.live = false
	case wasm.Return, wasm.Unreachable:
		g.live = false
	case wasm.Call:
		g.call(g.w.m.TypeOf(in.Index))
	case wasm.CallIndirect:
		g.f.tables++
		g.height--
		g.call(g.w.types.types[in.Index])
	default:
		g.plain()
	}
}

func (g *gauge) enter() {
	in := &g.in
	b := measured{op: in.Op, label: -1, locals: g.uses, set: len(g.set)}
	if in.Block.Index >= 0 {
		t := g.w.types.types[in.Block.Index]
		b.params, b.results = len(t.Params), len(t.Results)
	} else if in.Block.Result != 0 {
		b.results = 1
	}
	if in.Op == wasm.If {
		g.height--
		g.edge()
	}
	if in.Op != wasm.Block {
		g.edge()
		g.next()
	}
	if in.Op == wasm.Loop {
		g.loops++
		g.f.nests += g.loops * g.loops
	}
	g.f.values += int64(b.params)
	b.height, b.way = g.height-b.params, g.way
	g.blocks = append(g.blocks, b)
}

func (g *gauge) leave() {
	b := g.blocks[len(g.blocks)-1]
	g.blocks = g.blocks[:len(g.blocks)-1]
	differ := min(g.locals, g.uses-b.locals)
	switch b.op {
	case wasm.Loop:
		differ += int64(b.params)
		g.f.nests += stepsNested * differ * g.loops
		g.loops--
		g.f.rounds += differ
	case wasm.If:
		b.edges++ // past it
		if g.live {
			g.to(&b)
		}
		differ += int64(b.results)
		if g.way = b.way - 1; b.label >= 0 {
			g.way = min(g.way, b.label)
		}
		g.live = true
		g.next()
	default:
		if g.live && b.label >= 0 {
			g.to(&b)
		}
		differ += int64(b.results)
		if b.label >= 0 {
			g.way, g.live = b.label, true
			g.next()
		}
	}
	if b.op != wasm.Loop && b.edges > 0 { // what was set there may differ now
		for _, local := range g.set[b.set:] {
			g.of[local] = 0
		}
		g.set, g.stored = g.set[:b.set], 0
	}
	g.f.merge += b.edges * differ * differ
	g.height = b.height
	g.unknown(b.results)
}

// unknown pushes n values of which nothing is known.
func (g *gauge) unknown(n int) {
	for range n {
		g.push(0)
	}
}

func (g *gauge) call(t wasm.FuncType) {
	n := len(t.Params) + len(t.Results)
	g.f.passed += int64(n)
	g.f.heavy++
	g.stored = 0
	g.height -= len(t.Params)
	g.unknown(len(t.Results))
}

func (g *gauge) plain() {
	op := g.in.Op
	info := op.Info()
	result := info.Result != 0
	var m made
	switch {
	case !info.Fixed:
		result = g.special(&m)
	case info.NParams == 2 && result:
		m = g.fold(op)
		g.height -= 2
	case info.NParams > 0:
		if !result { // a store
			g.stored |= g.top(1) & ofSum
		} else if info.Imm == wasm.ImmMemArg {
			m = g.stored
		}
		g.height -= int(info.NParams)
	case op == wasm.I32Const || op == wasm.I64Const:
		m = ofConstant
	}
	if result {
		g.push(m)
	}
	switch info.Imm {
	case wasm.ImmNone:
		if mayTrap(op) {
			g.f.heavy++
		}
	case wasm.ImmTwoTables, wasm.ImmElemTable, wasm.ImmTable:
		g.f.tables++
		fallthrough
	case wasm.ImmTwoMems, wasm.ImmDataMem:
		g.inside()
	case wasm.ImmMem:
		if info.Cost == wasm.CostBulk {
			g.inside()
		}
		g.f.heavy++
	case wasm.ImmLocal, wasm.ImmGlobal, wasm.ImmI32, wasm.ImmI64, wasm.ImmBytes:
	default:
		g.f.heavy++
	}
}

// blocksInside are those that an engine makes of an operation in bulk.
const blocksInside = 6

// inside counts an operation in bulk.
func (g *gauge) inside() {
	g.f.heavy++
	for range blocksInside {
		g.edge()
		g.next()
	}
}

// mayTrap says whether a division or a conversion to an integer may trap.
func mayTrap(op wasm.Op) bool {
	switch {
	case op >= 0x6d && op <= 0x70, op >= 0x7f && op <= 0x82: // i32.div_s to i32.rem_u, i64.div_s to i64.rem_u
		return true
	}
	return op >= 0xa8 && op <= 0xb1 && op != 0xac && op != 0xad // truncations, but for i64.extend_i32_s and _u
}

// special applies what has no fixed type, and says whether it gives a value, made of m.
func (g *gauge) special(m *made) bool {
	at := g.in.Index
	switch g.in.Op {
	case wasm.LocalGet:
		g.uses++
		*m = g.of[at]
		return true
	case wasm.LocalSet, wasm.LocalTee:
		g.uses++
		g.of[at] = g.top(1)
		g.set = append(g.set, at)
		if g.in.Op == wasm.LocalSet {
			g.height--
		}
	case wasm.GlobalGet:
		*m = g.stored
		return true
	case wasm.GlobalSet:
		g.stored |= g.top(1) & ofSum
		g.height--
	case wasm.RefNull, wasm.RefFunc:
		return true
	case wasm.Drop, wasm.TableGrow:
		g.height--
	case wasm.Select, wasm.SelectT, wasm.TableSet:
		g.height -= 2
	case wasm.TableFill:
		g.height -= 3
	}
	return false
}

// fold is what an operator on the two operands on top makes of them. Cranelift tries
// every way to add up the constants of a chain.
func (g *gauge) fold(op wasm.Op) made {
	switch op {
	case wasm.I32Add, wasm.I32Sub, wasm.I32Mul, wasm.I64Add, wasm.I64Sub, wasm.I64Mul:
	default:
		return 0
	}
	a, b := g.top(2), g.top(1)
	switch {
	case a != ofConstant && b != ofConstant:
		return 0
	case a == ofSum || b == ofSum:
		g.f.folds++
	}
	return ofSum
}

// top is what the n-th operand from above is made of.
func (g *gauge) top(n int) made {
	if i := g.height - n; i >= 0 && i < len(g.made) {
		return g.made[i]
	}
	return 0
}

func (g *gauge) push(m made) {
	for len(g.made) <= g.height {
		g.made = append(g.made, 0)
	}
	g.made[g.height] = m
	g.height++
}
