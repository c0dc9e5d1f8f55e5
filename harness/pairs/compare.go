package pairs

import (
	"strings"

	"github.com/odvcencio/gotreesitter"
)

// Equal says whether two programs have the same syntax tree, comments aside. It
// is known only where both are whole programs.
func (l *Language) Equal(a, b string) (equal, known bool) {
	x, y := l.parse(a), l.parse(b)
	defer release(x, y)
	if x == nil || y == nil {
		return false, false
	}
	return l.same(view{x.RootNode(), a}, view{y.RootNode(), b}), true
}

func release(trees ...*gotreesitter.Tree) {
	for _, t := range trees {
		if t != nil {
			t.Release()
		}
	}
}

// view is a node in its program.
type view struct {
	*gotreesitter.Node
	program string
}

func (v view) text() string { return v.program[v.StartByte():v.EndByte()] }

func (l *Language) same(a, b view) bool {
	kind := a.Type(l.grammar)
	if kind != b.Type(l.grammar) || a.IsNamed() != b.IsNamed() {
		return false
	}
	if verbatim(kind) {
		return a.text() == b.text()
	}
	x, xBare := l.parts(a)
	y, yBare := l.parts(b)
	if len(x) != len(y) || xBare != yBare {
		return false
	}
	for i := range x {
		if !l.same(x[i], y[i]) {
			return false
		}
	}
	return true
}

// verbatim: every byte of such a node counts, and not all grammars have nodes
// for them.
func verbatim(kind string) bool {
	for _, word := range []string{"string", "char", "template", "heredoc", "regex", "rune"} {
		if strings.Contains(kind, word) {
			return true
		}
	}
	return false
}

// parts are a node's children without the comments, and what of its text is in
// no child, space aside.
func (l *Language) parts(v view) (children []view, bare string) {
	var b strings.Builder
	at := v.StartByte()
	gap := func(to uint32) {
		if text := strings.TrimSpace(v.program[at:max(at, to)]); text != "" {
			b.WriteString(text + "\n")
		}
	}
	for i := range v.ChildCount() {
		child := v.Child(i)
		gap(child.StartByte())
		at = max(at, child.EndByte())
		if !isComment(child.Type(l.grammar)) {
			children = append(children, view{child, v.program})
		}
	}
	gap(v.EndByte())
	return children, b.String()
}

func isComment(kind string) bool {
	return kind == "pod" || strings.Contains(kind, "comment")
}

// OnlyComments says whether what stands in a program's spans, half-open and in
// bytes, is comments and space, with at least one comment among it. Of a program
// that can't be read it says no.
func (l *Language) OnlyComments(program string, spans [][2]int) bool {
	tree := l.parse(program)
	defer release(tree)
	if tree == nil {
		return false
	}
	text := []byte(program)
	some := false
	l.comments(tree.RootNode(), func(from, to uint32) {
		for _, s := range spans {
			for i := max(int(from), s[0]); i < min(int(to), s[1]); i++ {
				text[i], some = ' ', true
			}
		}
	})
	for _, s := range spans {
		if strings.TrimSpace(string(text[s[0]:s[1]])) != "" {
			return false
		}
	}
	return some
}

func (l *Language) comments(n *gotreesitter.Node, visit func(from, to uint32)) {
	if isComment(n.Type(l.grammar)) {
		visit(n.StartByte(), n.EndByte())
		return
	}
	for i := range n.ChildCount() {
		l.comments(n.Child(i), visit)
	}
}
