package instrument

import (
	"fmt"
	"strings"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// operators are all that have types of their own, by the type that they push;
// under "" those that push nothing.
var operators = func() map[string][]wasm.Op {
	all := map[string][]wasm.Op{}
	for op := wasm.Op(0); op < wasm.PrefixFE; op++ {
		info := op.Info()
		if !info.Fixed || op == wasm.Nop {
			continue
		}
		switch info.Imm {
		case wasm.ImmI32, wasm.ImmI64, wasm.ImmBytes: // leaf has constants
			continue
		}
		result := ""
		if info.Result != 0 {
			result = info.Result.String()
		}
		all[result] = append(all[result], op)
	}
	return all
}()

func (g *generator) values(types string) {
	for _, t := range strings.Fields(types) {
		g.value(t)
	}
}

func (g *generator) local(t string) int {
	all := g.locals[t]
	return all[g.IntN(len(all))]
}

// value pushes a value of the type.
func (g *generator) value(t string) {
	g.budget--
	if g.depth > 6 || g.budget < 0 || g.chance(3) {
		g.leaf(t)
		return
	}
	g.depth++
	defer func() { g.depth-- }()
	ops := operators[t]
	switch n := g.IntN(16); {
	case n < 10 && len(ops) > 0:
		g.operator(ops[g.IntN(len(ops))])
	case n < 12:
		g.block(t)
	case n == 12:
		g.values(t + " " + t + " i32")
		if strings.HasSuffix(t, "ref") || g.chance(3) {
			g.emit("select_t %s", t)
		} else {
			g.emit("select")
		}
	case n == 13:
		g.value(t)
		g.emit("local.tee %d", g.local(t))
	case n == 14 && g.callOf(t):
	default:
		g.leaf(t)
	}
}

// callOf calls a function that gives just this, if there is one.
func (g *generator) callOf(t string) bool {
	for _, fn := range g.Perm(len(g.sigs)) {
		if strings.TrimSpace(g.sigs[fn].results) == t {
			g.call(fn)
			return true
		}
	}
	return false
}

var constants = map[string][]string{
	"i32":       {"i32.const 0", "i32.const 1", "i32.const -1", "i32.const 0x7fffffff", "i32.const -0x80000000", "i32.const 77"},
	"i64":       {"i64.const 0", "i64.const 1", "i64.const -1", "i64.const 0x7fffffffffffffff", "i64.const -0x8000000000000000", "i64.const 0x100000003"},
	"f32":       {"f32.const 0", "f32.const -0", "f32.const 1.25", "f32.const NaN", "f32.const -Inf", "f32.const bits:0xffa00123", "f32.const 3e38", "f32.const bits:1"},
	"f64":       {"f64.const 0", "f64.const -0", "f64.const 1e300", "f64.const NaN", "f64.const +Inf", "f64.const bits:0xfff4000000000123", "f64.const 0.1", "f64.const bits:1"},
	"v128":      {"v128.const 0 0", "v128.const -1 -1", "v128.const 0x7fa00001ffc00002 0x3f8000007f800000", "v128.const 0xfff4000000000123 0x3ff0000000000000", "v128.const 0x0102030405060708 0xf0e0d0c0b0a09080"},
	"funcref":   {"ref.null funcref"},
	"externref": {"ref.null externref"},
	"exnref":    {"ref.null exnref"},
}

// leaf pushes a value that takes nothing.
func (g *generator) leaf(t string) {
	switch g.IntN(4) {
	case 0:
		switch t {
		case "i32":
			g.emit("%s", g.pick("global.get 4", "memory.size", "table.size 0", "table.size 1", "global.get 6 ref.is_null"))
			return
		case "i64":
			g.emit("global.get 1")
			return
		case "f64":
			g.emit("global.get 2")
			return
		case "f32":
			g.emit("global.get 3")
			return
		case "v128":
			g.emit("global.get %d", globalVector)
			return
		case "funcref":
			g.emit("%s", g.pick(fmt.Sprintf("ref.func %d", g.slots0()), "i32.const 2 table.get 0", fmt.Sprintf("global.get %d", globalFuncref)))
			return
		case "externref":
			g.emit("i32.const %d table.get 1", g.IntN(4))
			return
		}
	case 1:
		g.emit("%s", g.pick(constants[t]...))
		return
	}
	g.emit("local.get %d", g.local(t))
}

// slots0 is a function that is in a table, or main, which is exported.
func (g *generator) slots0() int {
	if len(g.slots) == 0 {
		return g.main
	}
	return g.slots[g.IntN(len(g.slots))]
}

// operator writes any operator of operators with all that it takes. What would
// mostly trap gets operands with which it mostly doesn't.
func (g *generator) operator(op wasm.Op) {
	info := op.Info()
	tame := !g.chance(24)
	switch info.Imm {
	case wasm.ImmDataMem, wasm.ImmTwoMems, wasm.ImmElemTable, wasm.ImmTwoTables:
		g.bulk(op, tame)
		return
	}
	if op == wasm.MemoryFill || op == wasm.MemoryGrow {
		g.bulk(op, tame)
		return
	}
	params := info.Params[:info.NParams]
	for i, t := range params {
		last := i == len(params)-1
		switch {
		case i == 0 && (info.Imm == wasm.ImmMemArg || info.Imm == wasm.ImmMemLane):
			g.value("i32")
			if tame {
				g.emit("i32.const 0x%x i32.and", g.pickInt(0xfff8, 0x3f, 0xffff))
			}
		case last && tame && (strings.Contains(info.Name, ".div_") || strings.Contains(info.Name, ".rem_")):
			g.value(t.String())
			g.emit("%v.const 1 %v.or", t, t)
		case last && tame && strings.Contains(info.Name, ".trunc_f"):
			g.emit("%v.const %s", t, g.pick("0", "-0.5", "1.5", "77", "2147483647"))
		default:
			g.value(t.String())
		}
	}
	g.emit("%s %s", info.Name, g.immediates(info))
}

func (g *generator) pickInt(all ...int) int { return all[g.IntN(len(all))] }

func (g *generator) immediates(info *wasm.Info) string {
	memArg := func() string {
		align := 0
		for 1<<(align+1) <= int(info.Width) && g.chance(2) {
			align++
		}
		return fmt.Sprintf("[%d %d]", align, g.pickInt(0, 1, 8, 15, 60000))
	}
	switch info.Imm {
	case wasm.ImmMemArg:
		return memArg()
	case wasm.ImmMemLane:
		return fmt.Sprintf("%s %d", memArg(), g.IntN(16/int(info.Width)))
	case wasm.ImmLane:
		return fmt.Sprint(g.IntN(int(info.Width)))
	case wasm.ImmLanes16:
		var lanes [16]int
		for i := range lanes {
			lanes[i] = g.IntN(32)
		}
		return strings.ReplaceAll(fmt.Sprint(lanes), " ", ", ")
	case wasm.ImmTable, wasm.ImmData, wasm.ImmElem:
		return fmt.Sprint(g.IntN(2))
	}
	return ""
}

// bulk writes an operator on a range of a memory or a table.
func (g *generator) bulk(op wasm.Op, tame bool) {
	info := op.Info()
	if op == wasm.MemoryGrow {
		g.emit("i32.const %d memory.grow", g.pickInt(0, 0, 1, 2, 65536, -1))
		return
	}
	if info.Imm == wasm.ImmElemTable || info.Imm == wasm.ImmTwoTables {
		g.emit("i32.const %d i32.const %d i32.const %d", g.IntN(4), g.IntN(4), g.IntN(3))
	} else if op == wasm.MemoryInit {
		g.emit("i32.const %d i32.const %d i32.const %d", g.IntN(90), g.IntN(9), g.IntN(7))
	} else {
		g.emit("i32.const %d i32.const %d i32.const %d", g.IntN(90), g.IntN(300), g.pickInt(0, 3, 17, 300))
	}
	if !tame {
		g.emit("drop")
		g.value("i32")
	}
	switch op {
	case wasm.MemoryInit, wasm.DataDrop:
		g.emit("%s 1", info.Name)
	case wasm.TableInit:
		g.emit("table.init 1 0")
	case wasm.TableCopy:
		n := g.IntN(2)
		g.emit("table.copy %d %d", n, n)
	default:
		g.emit("%s", info.Name)
	}
}
