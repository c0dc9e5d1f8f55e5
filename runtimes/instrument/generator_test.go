package instrument

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// generator makes random valid modules that end: every operator, structured
// control flow with values in and out of every block, calls by name and through
// tables, exceptions in every nesting. Each module exports main (i32 i64 f64 ->
// i64), a memory, and the globals in globalNames, of which steps bounds loops
// and calls. generator_values_test.go has what pushes a value,
// generator_control_test.go statements and blocks, generator_exceptions_test.go
// exceptions.
type generator struct {
	*rand.Rand
	exceptions bool
	m          *wasmtest.Module
	b          strings.Builder
	labels     []label
	locals     map[string][]int // of the function being made, by type
	results    string
	sigs       []signature
	extra      []signature // functions beside a few random ones
	slots      []int       // functions in table 0
	main       int
	depth      int
	budget     int
}

// label is a block around, and what a branch to it takes.
type label struct{ types string }

type signature struct{ params, results string }

// listed says whether the function may be called by others than by name.
func (s signature) listed() bool { return !strings.Contains(s.params+s.results, "exnref") }

const (
	paramTypes  = "i32 i64 f64" // of main
	resultTypes = "i64"
	localTypes  = "i32 i32 i64 i64 f32 f32 f64 f64 v128 v128 funcref externref"
	stepsStart  = 300
)

// globalNames are exported; behind them two that can't change.
var globalNames = []string{"steps", "one", "two", "three", "four"}

const (
	globalVector  = 5
	globalFuncref = 6
)

var (
	blockTypes     = []string{"", "", "", "i32", "i64", "f64", "i32 i32", "f32 i64", "v128", "funcref"}
	exceptionTypes = []string{"i32", "exnref", "i32 exnref", "exnref i64"}
	signatureTypes = []string{"", "i32", "i64", "f64", "i64 f32", "v128", "f32 i32 i64", "externref"}
)

func newGenerator(seed uint64, exceptions bool) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 7)), exceptions: exceptions}
}

func (g *generator) pick(words ...string) string { return words[g.IntN(len(words))] }

// chance is true once in n times.
func (g *generator) chance(n int) bool { return g.IntN(n) == 0 }

func (g *generator) emit(format string, args ...any) { fmt.Fprintf(&g.b, format+"\n", args...) }

// blockType picks the types that a block takes or gives.
func (g *generator) blockType() string {
	if g.exceptions && g.chance(3) {
		return g.pick(exceptionTypes...)
	}
	return g.pick(blockTypes...)
}

func (g *generator) signature() signature {
	s := signature{g.pick(signatureTypes...), g.pick(signatureTypes...)}
	if g.exceptions && g.chance(6) {
		s.params += " exnref"
	}
	if g.exceptions && g.chance(8) {
		s.results = "exnref " + s.results
	}
	return signature{strings.TrimSpace(s.params), strings.TrimSpace(s.results)}
}

// module makes a whole module.
func (g *generator) module() []byte {
	g.m = wasmtest.New()
	g.m.Import("env", "host", "i32 i64", "i64")
	g.m.Import("env", "see", "f32 f64", "i64")
	g.sigs = []signature{{"i32 i64", "i64"}, {"f32 f64", "i64"}}
	for i, n := 0, 1+g.IntN(3); i < n; i++ {
		g.sigs = append(g.sigs, g.signature())
	}
	g.sigs = append(g.sigs, g.extra...)
	g.main = len(g.sigs)
	g.sigs = append(g.sigs, signature{paramTypes, resultTypes})
	for i := 0; i < 8; i++ {
		if fn := g.IntN(len(g.sigs)); g.sigs[fn].listed() {
			g.slots = append(g.slots, fn)
		}
	}
	g.m.Memory(1, 4)
	g.m.Table("funcref", 10, 16)
	g.m.Table("externref", 4, 8)
	g.m.Global("i32", true, fmt.Sprintf("i32.const %d", stepsStart))
	g.m.Global("i64", true, "i64.const 5")
	g.m.Global("f64", true, "f64.const 1.5")
	g.m.Global("f32", true, "f32.const bits:0xffa00001")
	g.m.Global("i32", true, "i32.const 0")
	g.m.Global("v128", false, "v128.const 0x7ff4000000000001 0x7fa0000112345678")
	g.m.Global("funcref", false, "ref.null funcref")
	if g.exceptions {
		g.m.Tag("")
		g.m.Tag("i32")
		g.m.Tag("i32")
	}
	for _, s := range g.sigs[2:] {
		g.function(s)
	}
	g.m.Elem(0, g.slots...)
	g.m.PassiveElem(g.slots...)
	g.m.Data(16, []byte("some bytes at the start"))
	g.m.Passive([]byte("bytes for later"))
	g.m.Export("memory", wasm.KindMemory, 0)
	for i, name := range globalNames {
		g.m.Export(name, wasm.KindGlobal, i)
	}
	g.m.ExportFunc("main", g.main)
	if g.chance(4) {
		g.m.Start(g.m.Func("", "", "", "i64.const -3 global.set 1 i32.const 100 i32.const 77 i32.store8"))
	}
	return g.m.Bytes()
}

func (g *generator) function(s signature) {
	g.b.Reset()
	g.labels = []label{{types: s.results}}
	g.results, g.depth, g.budget = s.results, 0, 10+g.IntN(40)
	locals := localTypes
	if g.exceptions {
		locals += " exnref"
	}
	g.locals = map[string][]int{}
	for i, t := range strings.Fields(s.params + " " + locals) {
		g.locals[t] = append(g.locals[t], i)
	}
	g.step(len(g.labels)-1, s.results)
	g.statements(1 + g.IntN(5))
	g.values(s.results)
	g.m.Func(s.params, s.results, locals, g.b.String())
}

// step spends one of the steps and leaves by a label when none is left.
func (g *generator) step(out int, types string) {
	g.emit("global.get 0 i32.const 1 i32.sub global.set 0")
	g.emit("global.get 0 i32.const 0 i32.lt_s if")
	depth := g.depth
	g.depth = 99 // leaves only: nothing may run for long here
	g.values(types)
	g.depth = depth
	g.emit("br %d end", out+1)
}
