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
	switch g.IntN(16) {
	case 0, 1:
		t := g.pick("i32", "i64", "f32", "f64", "v128")
		g.value(t)
		g.emit("local.set %d", g.local(t))
	case 2:
		t := g.pick("i32", "i64", "f32", "f64")
		g.address()
		g.value(t)
		g.emit("%s.store [0 %d]", t, g.IntN(9))
	case 3:
		g.value("i64")
		g.emit("global.set 1")
	case 4, 5:
		types := g.pick(blockResults...)
		g.block(types)
		g.drop(types)
	case 6, 7:
		g.loop()
	case 8, 9:
		g.branch()
	case 10, 11:
		g.call()
	case 12:
		g.bulk()
	case 13:
		if g.IntN(12) == 0 {
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

// block pushes values of the types out of a block, an if or a try_table.
func (g *generator) block(types string) {
	kind := g.IntN(5)
	params := ""
	if g.IntN(4) == 0 {
		params = g.pick("i32", "i64 f64")
	}
	g.values(params)
	bt := fmt.Sprintf("(%s -> %s)", params, types)
	if kind == 4 && g.exceptions {
		g.tryTable(bt, params, types)
		return
	}
	if kind == 3 {
		g.value("i32")
		g.emit("if %s", bt)
		g.body(params, types)
		if types != "" || params != "" || g.IntN(2) == 0 {
			g.emit("else")
			g.body(params, types)
		}
		g.emit("end")
		return
	}
	g.emit("block %s", bt)
	g.body(params, types)
	g.emit("end")
}

// body is what is inside of a block.
func (g *generator) body(params, types string) {
	g.labels = append(g.labels, label{types: types})
	g.drop(params)
	g.statements(1 + g.IntN(3))
	g.values(types)
	g.labels = g.labels[:len(g.labels)-1]
}

func (g *generator) tryTable(bt, params, types string) {
	var clauses []string
	for i := g.IntN(4); i > 0; i-- {
		clause, wants := "", ""
		switch g.IntN(4) {
		case 0:
			clause = "catch 0"
		case 1:
			clause, wants = fmt.Sprintf("catch %d", 1+g.IntN(2)), "i32"
		case 2:
			clause = "catch_all"
		}
		var fit []int
		for depth := range g.labels {
			if l := g.labels[len(g.labels)-1-depth]; l.types == wants && clause != "" {
				fit = append(fit, depth)
			}
		}
		if len(fit) > 0 {
			clauses = append(clauses, fmt.Sprintf("%s %d", clause, fit[g.IntN(len(fit))]))
		}
	}
	g.emit("try_table %s [%s]", bt, strings.Join(clauses, ", "))
	g.body(params, types)
	g.emit("end")
}

// loop runs while a condition holds and steps are left.
func (g *generator) loop() {
	g.emit("block loop")
	g.labels = append(g.labels, label{}, label{loop: true})
	g.emit("global.get 0 i32.const 1 i32.sub global.set 0")
	g.emit("global.get 0 i32.const 0 i32.lt_s br_if 1")
	g.statements(1 + g.IntN(3))
	if g.IntN(3) > 0 {
		g.value("i32")
		g.emit("br_if 0")
	} else if g.IntN(2) == 0 {
		g.emit("br 0")
	}
	g.labels = g.labels[:len(g.labels)-2]
	g.emit("end end")
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
		g.drop(types)
	case 3:
		g.brTable(depth, types)
	}
}

func (g *generator) brTable(depth int, types string) {
	targets := []string{}
	for i := g.IntN(5); i >= 0; i-- {
		for d := g.IntN(len(g.labels)); d < len(g.labels); d++ {
			if g.labels[len(g.labels)-1-d].types == types {
				targets = append(targets, fmt.Sprint(d))
				break
			}
		}
	}
	g.values(types)
	g.value("i32")
	g.emit("br_table [%s]", strings.Join(append(targets, fmt.Sprint(depth)), ", "))
}

func (g *generator) call() {
	callee := 1 + g.IntN(len(g.sigs)-1)
	s := g.sigs[callee]
	g.values(s.params)
	if g.IntN(3) == 0 {
		g.value("i32")
		g.emit("i32.const 7 i32.and call_indirect %d 0", g.m.Type(s.params, s.results))
	} else {
		g.emit("call %d", callee)
	}
	g.drop(s.results)
}

func (g *generator) bulk() {
	g.emit("i32.const %d i32.const %d i32.const %d", g.IntN(90), g.IntN(12), g.IntN(9))
	g.emit("%s", g.pick(
		"memory.fill", "memory.copy", "memory.init 1", "table.copy 0 0 ", "table.init 1 0",
		"drop drop drop ref.null funcref i32.const 1 table.grow 0 drop",
		"drop drop drop i32.const 2 ref.null funcref i32.const 1 table.fill 0",
	))
}

// exception throws, or catches with a reference and perhaps throws it again.
func (g *generator) exception() {
	if !g.exceptions {
		g.emit("nop")
		return
	}
	exn := g.local("exnref")
	switch g.IntN(5) {
	case 0:
		g.emit("throw 0")
	case 1:
		g.value("i32")
		g.emit("throw %d", 1+g.IntN(2))
	case 2:
		g.value("i32")
		g.emit("if local.get %d throw_ref end", exn)
	default:
		clause, got := "catch_all_ref 0", "exnref"
		if g.IntN(2) == 0 {
			clause, got = fmt.Sprintf("catch_ref %d 0", 1+g.IntN(2)), "i32 exnref"
		}
		g.emit("block block (-> %s) try_table [%s]", got, clause)
		g.labels = append(g.labels, label{}, label{types: got}, label{})
		g.statements(1 + g.IntN(3))
		g.emit("end br 1 end local.set %d", exn)
		g.labels = g.labels[:len(g.labels)-2]
		if got != "exnref" {
			g.emit("local.set %d", g.local("i32"))
		}
		g.statements(g.IntN(2))
		if g.IntN(3) == 0 {
			g.emit("local.get %d throw_ref", exn)
		}
		g.labels = g.labels[:len(g.labels)-1]
		g.emit("end")
	}
}
