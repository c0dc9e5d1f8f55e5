package instrument

import (
	"fmt"
	"strings"
)

// tagParams are what the three tags carry.
var tagParams = []string{"", "i32", "i32"}

// clauses are catch clauses of a try_table about to be opened, to labels that
// take what they give.
func (g *generator) clauses() string {
	var clauses []string
	for i := g.IntN(4); i > 0; i-- {
		tag := g.IntN(3)
		clause, gives := fmt.Sprintf("catch %d", tag), tagParams[tag]
		switch g.IntN(5) {
		case 0, 1:
			clause, gives = fmt.Sprintf("catch_ref %d", tag), strings.TrimSpace(gives+" exnref")
		case 2:
			clause, gives = "catch_all", ""
		case 3:
			clause, gives = "catch_all_ref", "exnref"
		}
		var fit []int
		for depth := range g.labels {
			if l := g.labels[len(g.labels)-1-depth]; strings.TrimSpace(l.types) == gives {
				fit = append(fit, depth)
			}
		}
		if len(fit) > 0 {
			clauses = append(clauses, fmt.Sprintf("%s %d", clause, fit[g.IntN(len(fit))]))
		}
	}
	return strings.Join(clauses, ", ")
}

// exception throws, or catches with a reference and perhaps throws it again.
func (g *generator) exception() {
	if !g.exceptions {
		g.emit("nop")
		return
	}
	switch g.IntN(6) {
	case 0:
		g.emit("throw 0")
	case 1:
		g.value("i32")
		g.emit("throw %d", 1+g.IntN(2))
	case 2:
		g.value("i32")
		g.emit("if")
		g.labels = append(g.labels, label{})
		g.value("exnref")
		g.emit("throw_ref end")
		g.labels = g.labels[:len(g.labels)-1]
	default:
		g.catchAndRethrow()
	}
}

func (g *generator) catchAndRethrow() {
	exn := g.local("exnref")
	clause, got := "catch_all_ref 0", "exnref"
	if g.chance(2) {
		clause, got = fmt.Sprintf("catch_ref %d 0", 1+g.IntN(2)), "i32 exnref"
	}
	g.emit("block block (-> %s) try_table [%s]", got, clause)
	g.labels = append(g.labels, label{}, label{got}, label{})
	g.statements(1 + g.IntN(3))
	g.emit("end br 1 end local.set %d", exn)
	g.labels = g.labels[:len(g.labels)-2]
	if got != "exnref" {
		g.emit("local.set %d", g.local("i32"))
	}
	g.statements(g.IntN(2))
	if g.chance(3) {
		g.emit("local.get %d throw_ref", exn)
	}
	g.labels = g.labels[:len(g.labels)-1]
	g.emit("end")
}
