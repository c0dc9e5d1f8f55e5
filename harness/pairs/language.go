package pairs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/odvcencio/gotreesitter"
	"github.com/odvcencio/gotreesitter/grammars"
)

// Language is a grammar. It is safe for concurrent use.
type Language struct {
	Name    string // as a fence of markdown has it
	grammar *gotreesitter.Language
}

// grammarOf are the languages of MultiPL-E and HumanEval-X that are read, by
// their names in fences and benchmarks, with tree-sitter's names for them.
var grammarOf = map[string]string{
	"bash": "bash", "sh": "bash", "shell": "bash",
	"c":   "c",
	"cpp": "cpp", "c++": "cpp",
	"csharp": "c_sharp", "cs": "c_sharp",
	"d":  "d",
	"go": "go", "golang": "go",
	"haskell": "haskell", "hs": "haskell",
	"java":       "java",
	"javascript": "javascript", "js": "javascript",
	"julia": "julia", "jl": "julia",
	"kotlin": "kotlin", "kt": "kotlin",
	"lua":  "lua",
	"perl": "perl", "pl": "perl",
	"php":  "php",
	"r":    "r",
	"ruby": "ruby", "rb": "ruby",
	"rust": "rust", "rs": "rust",
	"scala":      "scala",
	"swift":      "swift",
	"typescript": "typescript", "ts": "typescript",
	"zig": "zig",
}

// FindLanguage finds a language by its name: go, rust, cpp, javascript, …
func FindLanguage(name string) (*Language, error) {
	grammar, ok := grammarOf[strings.ToLower(name)]
	if !ok {
		return nil, fmt.Errorf("no language %q is read: there are %s", name, strings.Join(slices.Sorted(maps.Keys(grammarOf)), ", "))
	}
	entry := grammars.DetectLanguageByName(grammar)
	if entry == nil {
		return nil, fmt.Errorf("this assay was built without the grammar of %s: build it by make build, or by go build without a tag for grammars", grammar)
	}
	return &Language{Name: name, grammar: entry.Language()}, nil
}

// maxProgram bounds a program that is parsed, in bytes.
const maxProgram = 256 << 10

// parse gives a program's tree; nil where it is no whole program of the
// language. The caller releases it.
func (l *Language) parse(program string) (tree *gotreesitter.Tree) {
	if len(program) > maxProgram {
		return nil
	}
	defer func() {
		if recover() != nil { // a fault of the parser leaves this program unread
			tree = nil
		}
	}()
	tree, err := gotreesitter.NewParser(l.grammar).Parse([]byte(program))
	if err != nil || tree.RootNode() == nil || tree.RootNode().HasErrorOrMissing() || tree.ParseStoppedEarly() {
		return nil
	}
	return tree
}

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
