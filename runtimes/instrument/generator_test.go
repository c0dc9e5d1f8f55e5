package instrument

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"assay/runtimes/wasm"
	"assay/runtimes/wasm/wasmtest"
)

// generator makes random valid modules that end: structured control flow,
// calls, exceptions in every nesting, floats, bulk memory. Each module exports
// main (i32 i64 f64 -> i64), a memory "memory", and a global "steps" that
// bounds loops and calls.
type generator struct {
	*rand.Rand
	exceptions bool
	m          *wasmtest.Module
	b          strings.Builder
	labels     []label
	results    string
	sigs       []signature
	extra      []signature // functions beside a few random ones
	depth      int
	budget     int
}

// label is a block around; loop labels take nothing.
type label struct {
	types string
	loop  bool
}

type signature struct{ params, results string }

// locals of every generated function behind its parameters.
var localTypes = []string{"i32", "i32", "i64", "i64", "f32", "f32", "f64", "f64", "v128"}

const (
	paramTypes = "i32 i64 f64"
	stepsStart = 300
)

var blockResults = []string{"", "", "", "i32", "i64", "f64", "i32 i32", "f32 i64"}

func newGenerator(seed uint64, exceptions bool) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 7)), exceptions: exceptions}
}

func (g *generator) pick(words ...string) string { return words[g.IntN(len(words))] }

func (g *generator) emit(format string, args ...any) { fmt.Fprintf(&g.b, format+"\n", args...) }

// module makes a whole module.
func (g *generator) module() []byte {
	g.m = wasmtest.New()
	g.m.Import("env", "host", "i32 i64", "i64")
	g.sigs = []signature{{"i32 i64", "i64"}}
	for i, n := 0, 3+g.IntN(4); i < n; i++ {
		g.sigs = append(g.sigs, signature{paramTypes, g.pick("", "i32", "i64", "f64", "i64 f32")})
	}
	g.sigs = append(g.sigs, g.extra...)
	main := len(g.sigs)
	g.sigs = append(g.sigs, signature{paramTypes, "i64"})
	g.m.Memory(1, 4)
	g.m.Table("funcref", 8, 16)
	g.m.Global("i32", true, fmt.Sprintf("i32.const %d", stepsStart))
	g.m.Global("i64", true, "i64.const 5")
	g.m.Global("f64", true, "f64.const 1.5")
	if g.exceptions {
		g.m.Tag("")
		g.m.Tag("i32")
		g.m.Tag("i32")
	}
	for _, s := range g.sigs[1:] {
		g.function(s)
	}
	var funcs []int
	for i := 0; i < 8; i++ {
		funcs = append(funcs, g.IntN(len(g.sigs)))
	}
	g.m.Elem(0, funcs...)
	g.m.PassiveElem(funcs...)
	g.m.Data(16, []byte("some bytes at the start"))
	g.m.Passive([]byte("bytes for later"))
	g.m.Export("memory", wasm.KindMemory, 0)
	g.m.Export("steps", wasm.KindGlobal, 0)
	g.m.Export("one", wasm.KindGlobal, 1)
	g.m.ExportFunc("main", main)
	return g.m.Bytes()
}

func (g *generator) function(s signature) {
	g.b.Reset()
	g.labels = []label{{types: s.results}}
	g.results, g.depth, g.budget = s.results, 0, 20+g.IntN(120)
	g.step()
	g.statements(2 + g.IntN(6))
	g.values(s.results)
	locals := strings.Join(localTypes, " ")
	if g.exceptions {
		locals += " exnref"
	}
	g.m.Func(s.params, s.results, locals, g.b.String())
}

// step spends one of the steps and returns from the function when none is left.
func (g *generator) step() {
	g.emit("global.get 0 i32.const 1 i32.sub global.set 0")
	g.emit("global.get 0 i32.const 0 i32.lt_s if")
	depth := g.depth
	g.depth = 99 // leaves only: nothing may run for long here
	g.values(g.results)
	g.depth = depth
	g.emit("return end")
}

func (g *generator) values(types string) {
	for _, t := range strings.Fields(types) {
		g.value(t)
	}
}

// local picks a local of the type; i32, i64 and f64 have a parameter too.
func (g *generator) local(t string) int {
	if t == "exnref" {
		return 3 + len(localTypes)
	}
	var all []int
	for i, lt := range append(strings.Fields(paramTypes), localTypes...) {
		if lt == t {
			all = append(all, i)
		}
	}
	return all[g.IntN(len(all))]
}

// address pushes an address that is mostly inside of the memory.
func (g *generator) address() {
	g.value("i32")
	if g.IntN(40) > 0 {
		g.emit("i32.const 0xfff8 i32.and")
	}
}

// value pushes a value of the type.
func (g *generator) value(t string) {
	g.budget--
	if t == "exnref" || g.depth > 6 || g.budget < 0 || g.IntN(3) == 0 {
		g.leaf(t)
		return
	}
	g.depth++
	defer func() { g.depth-- }()
	if g.IntN(8) == 0 && t != "v128" {
		g.block(t)
		return
	}
	switch t {
	case "i32":
		g.intValue()
	case "i64":
		g.longValue()
	case "v128":
		g.vectorValue()
	default:
		g.floatValue(t)
	}
}

func (g *generator) leaf(t string) {
	if g.IntN(2) == 0 || t == "v128" || t == "exnref" {
		g.emit("local.get %d", g.local(t))
		return
	}
	switch t {
	case "i32", "i64":
		g.emit("%s.const %d", t, g.IntN(200)-20)
	case "f32":
		g.emit("f32.const %s", g.pick("0", "-0", "1.25", "NaN", "-Inf", "bits:0xffc00123", "3e38"))
	case "f64":
		g.emit("f64.const %s", g.pick("0", "-0", "1e300", "NaN", "+Inf", "bits:0xfff8000000000123", "0.1"))
	}
}

func (g *generator) binary(t, op string) {
	g.value(t)
	g.value(t)
	g.emit("%s", op)
}

func (g *generator) intValue() {
	switch g.IntN(10) {
	case 0, 1, 2:
		g.binary("i32", g.pick("i32.add", "i32.sub", "i32.mul", "i32.xor", "i32.shl", "i32.rotr", "i32.ne", "i32.and", "i32.lt_u", "i32.ge_s"))
	case 3:
		g.binary("i32", g.pick("i32.div_s", "i32.rem_u", "i32.div_u"))
	case 4:
		g.address()
		g.emit("%s [0 %d]", g.pick("i32.load", "i32.load8_s", "i32.load16_u"), g.IntN(16))
	case 5:
		g.binary("f64", g.pick("f64.lt", "f64.ne", "f64.ge"))
	case 6:
		g.value("i64")
		g.emit("%s", g.pick("i32.wrap_i64", "i64.eqz"))
	case 7:
		g.value("f32")
		g.emit("%s", g.pick("i32.reinterpret_f32", "i32.trunc_sat_f32_s"))
	case 8:
		g.emit("%s", g.pick("memory.size", "table.size 0", "global.get 0 i32.const 7 i32.and"))
	case 9:
		g.emit("i32.const %d memory.grow", g.IntN(3))
	}
}

func (g *generator) longValue() {
	switch g.IntN(8) {
	case 0, 1:
		g.binary("i64", g.pick("i64.add", "i64.sub", "i64.mul", "i64.rotl"))
	case 2:
		g.value("i32")
		g.emit("%s", g.pick("i64.extend_i32_s", "i64.extend_i32_u"))
	case 3:
		g.value("f64")
		g.emit("%s", g.pick("i64.reinterpret_f64", "i64.trunc_sat_f64_s"))
	case 4:
		g.value("i32")
		g.value("i64")
		g.emit("call 0")
	case 5:
		g.emit("global.get 1")
	case 6:
		g.address()
		g.emit("i64.load [0 8]")
	case 7:
		g.value("v128")
		g.emit("i64x2.extract_lane %d", g.IntN(2))
	}
}

func (g *generator) floatValue(t string) {
	switch g.IntN(6) {
	case 0, 1, 2:
		g.binary(t, t+g.pick(".add", ".sub", ".mul", ".div", ".min", ".max", ".copysign"))
	case 3:
		g.value(t)
		g.emit("%s%s", t, g.pick(".sqrt", ".neg", ".abs", ".nearest", ".trunc"))
	case 4:
		if t == "f32" {
			g.value("f64")
			g.emit("f32.demote_f64")
		} else {
			g.value("f32")
			g.emit("f64.promote_f32")
		}
	case 5:
		g.value(t)
		g.value(t)
		g.value("i32")
		g.emit("select")
	}
}

func (g *generator) vectorValue() {
	switch g.IntN(4) {
	case 0:
		g.value("f64")
		g.emit("f64x2.splat")
	case 1:
		g.binary("v128", g.pick("f64x2.add", "f32x4.mul", "f64x2.div", "f32x4.min", "i32x4.add"))
	case 2:
		g.value("v128")
		g.emit("%s", g.pick("f32x4.sqrt", "f32x4.demote_f64x2_zero", "f64x2.promote_low_f32x4", "f64x2.nearest"))
	case 3:
		g.address()
		g.emit("v128.load [0 0]")
	}
}
