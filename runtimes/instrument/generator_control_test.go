package instrument

import (
	"fmt"
	"strings"
)

func (g *generator) statements(n int) {
	for ; n > 0; n-- {
		g.statement()
	}
}

func (g *generator) statement() {
	g.budget--
	if g.depth > 6 || g.budget < 0 {
		g.emit("nop")
		return
	}
	g.depth++
	defer func() { g.depth-- }()
	switch g.IntN(18) {
	case 0, 1, 2:
		t := g.pick("i32", "i64", "f32", "f64", "v128", "funcref", "externref")
		g.value(t)
		g.emit("local.set %d", g.local(t))
	case 3, 4:
		ops := operators[""]
		g.operator(ops[g.IntN(len(ops))])
	case 5:
		n := 1 + g.IntN(4)
		g.value([]string{"", "i64", "f64", "f32", "i32"}[n])
		g.emit("global.set %d", n)
	case 6, 7:
		types := g.blockType()
		g.block(types)
		g.drop(types)
	case 8, 9:
		g.loop(g.blockType(), g.blockType())
	case 10, 11:
		g.branch()
	case 12, 13:
		fn := g.IntN(len(g.sigs))
		g.call(fn)
		g.drop(g.sigs[fn].results)
	case 14:
		g.table()
	case 15:
		if g.chance(12) {
			g.emit("unreachable")
		}
	default:
		g.exception()
	}
}

func (g *generator) drop(types string) {
	for range strings.Fields(types) {
		g.emit("drop")
	}
}

// take stores values from the stack in locals, or drops them.
func (g *generator) take(types string) {
	words := strings.Fields(types)
	for i := len(words) - 1; i >= 0; i-- {
		if g.chance(3) {
			g.emit("drop")
		} else {
			g.emit("local.set %d", g.local(words[i]))
		}
	}
}

// block pushes values of the types out of a block, a loop, an if or a try_table.
func (g *generator) block(types string) {
	params := ""
	if g.chance(3) {
		params = g.blockType()
	}
	kind := g.IntN(6)
	if kind == 5 {
		g.loop(params, types)
		g.values(types)
		return
	}
	g.values(params)
	bt := fmt.Sprintf("(%s -> %s)", params, types)
	switch {
	case kind == 4 && g.exceptions:
		g.emit("try_table %s [%s]", bt, g.clauses())
		g.body(params, types)
		g.emit("end")
	case kind >= 3:
		g.value("i32")
		g.emit("if %s", bt)
		g.body(params, types)
		if types != params || g.chance(2) {
			g.emit("else")
			g.body(params, types)
		}
		g.emit("end")
	default:
		g.emit("block %s", bt)
		g.body(params, types)
		g.emit("end")
	}
}

// body is what is inside of a block.
func (g *generator) body(params, types string) {
	g.labels = append(g.labels, label{types})
	g.take(params)
	g.statements(1 + g.IntN(3))
	g.values(types)
	g.labels = g.labels[:len(g.labels)-1]
}

// loop runs while a condition holds and steps are left; a branch to it takes
// params. What it gives is dropped.
func (g *generator) loop(params, types string) {
	g.values(params)
	g.emit("block (%s -> %s) loop (%s -> %s)", params, types, params, types)
	g.labels = append(g.labels, label{types}, label{params})
	g.take(params)
	g.step(1, types)
	g.statements(1 + g.IntN(3))
	switch g.IntN(4) {
	case 0:
		g.values(params)
		g.emit("br 0")
	case 1, 2:
		g.values(params)
		g.value("i32")
		g.emit("br_if 0")
		g.take(params)
	}
	g.values(types)
	g.labels = g.labels[:len(g.labels)-2]
	g.emit("end end")
	g.drop(types)
}

func (g *generator) branch() {
	depth := g.IntN(len(g.labels))
	types := g.labels[len(g.labels)-1-depth].types
	switch g.IntN(4) {
	case 0:
		g.values(types)
		g.emit("br %d", depth)
	case 1:
		g.values(g.results)
		g.emit("return")
	case 2:
		g.values(types)
		g.value("i32")
		g.emit("br_if %d", depth)
		g.take(types)
	case 3:
		g.brTable(depth, types)
	}
}

func (g *generator) brTable(depth int, types string) {
	targets := []string{}
	for i := g.IntN(5); i >= 0; i-- {
		for d := g.IntN(len(g.labels)); d < len(g.labels); d++ {
			if strings.TrimSpace(g.labels[len(g.labels)-1-d].types) == strings.TrimSpace(types) {
				targets = append(targets, fmt.Sprint(d))
				break
			}
		}
	}
	g.values(types)
	g.value("i32")
	if g.chance(2) {
		g.emit("i32.const 7 i32.and")
	}
	g.emit("br_table [%s]", strings.Join(append(targets, fmt.Sprint(depth)), ", "))
}

// call calls a function, through the table where it is in it.
func (g *generator) call(fn int) {
	s := g.sigs[fn]
	g.values(s.params)
	for slot, in := range g.slots {
		if in == fn && g.chance(2) {
			if g.chance(8) {
				g.value("i32")
				g.emit("i32.const 7 i32.and")
			} else {
				g.emit("i32.const %d", slot)
			}
			g.emit("call_indirect %d 0", g.m.Type(s.params, s.results))
			return
		}
	}
	g.emit("call %d", fn)
}

// table changes a table.
func (g *generator) table() {
	n, ref := 0, "funcref"
	if g.chance(2) {
		n, ref = 1, "externref"
	}
	switch g.IntN(4) {
	case 0:
		g.emit("i32.const %d", g.IntN(5))
		g.value(ref)
		g.emit("table.set %d", n)
	case 1:
		g.value(ref)
		g.emit("i32.const %d table.grow %d local.set %d", g.pickInt(0, 1, 2, 300, -1), n, g.local("i32"))
	case 2:
		g.emit("i32.const %d", g.IntN(3))
		g.value(ref)
		g.emit("i32.const %d table.fill %d", g.IntN(3), n)
	case 3:
		g.value("i32")
		g.emit("i32.const 3 i32.and table.get %d ref.is_null local.set %d", n, g.local("i32"))
	}
}
