package pairs

import (
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/assay-dev/assay/harness/codeflow"
)

// TestLanguages: programs of other languages go through the same filters, with
// tree-sitter in place of the guest, which they never reach.
func TestLanguages(t *testing.T) {
	const right = "package p\n\nfunc f(a int) int {\n\treturn a + 1\n}\n"
	traces := []struct {
		id, language, wrong, right string
	}{
		{"G/0", "go", strings.Replace(right, "+", "-", 1), right},
		{"G/1", "go", strings.Replace(right, "\treturn", "\t// wrong\n\treturn", 1), right},
		{"G/2", "go", strings.Replace(right, "a + 1", "a+1", 1), right},
		{"G/3", "go", strings.Replace(right, "{", "", 1), right},
		{"L/0", "lua", "-- f\nreturn function(a) return a - 1 end\n", "return function(a)\n  return a + 1\nend\n"},
		{"P/0", "", "def f(a):\n    return a - 1\n", "def f(a):\n    return a + 1\n"},
		{"P/1", "python", "def f(a):\n    # here\n    return a + 2\n", "def f(a):\n    return a + 2\n"},
	}
	var all []codeflow.Trace
	for _, w := range traces {
		one := way(w.id, w.wrong, w.right)
		one.Language = w.language
		all = append(all, one)
	}
	cfg := configFor(t, writeTraces(t, all...))
	cfg.KeepSimilar = true
	card := made(t, cfg)
	dropped := map[string]int{}
	for _, f := range card.Counts.Filters {
		dropped[f.Name] = f.Dropped
	}
	if dropped[OnlyComments] != 2 || dropped[EqualTrees] != 1 || card.Counts.Uncompared != 1 || card.Counts.Kept != 4 {
		t.Errorf("dropped %v, %d not compared, %d kept", dropped, card.Counts.Uncompared, card.Counts.Kept)
	}
	if want := []string{"go", "lua", "python"}; !slices.Equal(card.Languages, want) {
		t.Errorf("languages %q, want %q", card.Languages, want)
	}
	for i, want := range []string{"```go\npackage p\n", "```go\npackage p\n", "```lua\n-- f\n", "```python\ndef f"} {
		if got := pairsIn(t, cfg.Out)[i].Rejected; !strings.HasPrefix(got, want) {
			t.Errorf("pair %d begins %q, want %q", i, got, want)
		}
	}
}

func TestUnknownLanguage(t *testing.T) {
	one := way("K/0", "a\n", "b\n")
	one.Language = "klingon"
	_, err := Make(t.Context(), configFor(t, writeTraces(t, one)))
	if err == nil || !strings.Contains(err.Error(), "K/0#0") || !strings.Contains(err.Error(), `"klingon"`) {
		t.Errorf("got %v", err)
	}
}

// TestGrammars: make build has every grammar that is read, and no other.
func TestGrammars(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`(?m)^GRAMMARS := ((?:.*\\\n)*.*)$`).FindSubmatch(makefile)
	if list == nil {
		t.Fatal("the Makefile names no GRAMMARS")
	}
	built := strings.Fields(strings.ReplaceAll(string(list[1]), "\\\n", " "))
	read := slices.Compact(slices.Sorted(maps.Values(grammarOf)))
	if slices.Sort(built); !slices.Equal(built, read) {
		t.Errorf("make build has the grammars %q, and %q are read", built, read)
	}
}

func TestEqual(t *testing.T) {
	const unread = "unread"
	for _, tt := range []struct {
		language, a, b, want string
	}{
		{"go", "package p\n\nfunc f(a int) int { return a + 1 }\n", "package p\n// f adds.\nfunc f(a int) int {\n\treturn a+1 /* one */\n}\n", "equal"},
		{"go", "package p\n\nfunc f(a int) int { return a + 1 }\n", "package p\n\nfunc f(a int) int { return a + 2 }\n", "differ"},
		{"go", "package p\n\nvar s = \"a b\"\n", "package p\n\nvar s = \"a  b\"\n", "differ"},
		{"go", "package p\n\nvar s = ' '\n", "package p\n\nvar s = '\t'\n", "differ"},
		{"go", "package p\n\nfunc f(a int) int { return a + 1 }\n", "package p\n\nfunc f(b int) int { return b + 1 }\n", "differ"},
		{"go", "package p\n\nfunc f( {\n", "package p\n\nfunc f( {\n", unread},
		{"golang", "package p\n", "package p // q\n", "equal"},
		{"rust", "fn f() -> i32 { 1 }\n", "/// One.\nfn f() -> i32 {\n    1 // one\n}\n", "equal"},
		{"rust", "fn f() -> i32 { 1 }\n", "fn f() -> i32 { 1; }\n", "differ"},
		{"cpp", "#include <vector>\nint f(std::vector<int> v) { return v.size(); }\n", "#include <vector>\n// f\nint f(std::vector<int> v)\n{\n  return v.size();\n}\n", "equal"},
		{"cpp", "int f(int a) { return a - 1; }\n", "int f(int a) { return a + 1; }\n", "differ"},
		{"c", "int f(void) { return 'a'; }\n", "int f(void) { return 'b'; }\n", "differ"},
		{"javascript", "const f = a => a + 1;\n", "// f\nconst f = a =>\n  a + 1;\n", "equal"},
		{"javascript", "const f = a => `x${a} `;\n", "const f = a => `x${a}  `;\n", "differ"},
		{"js", "let r = /a b/;\n", "let r = /a  b/;\n", "differ"},
		{"typescript", "function f(a: number): number { return a }\n", "function f(a: number): number { /* id */ return a }\n", "equal"},
		{"typescript", "function f(a: number): number { return a }\n", "function f(a: string): number { return a }\n", "differ"},
		{"java", "class A { int f(int x) { return x + 1; } }\n", "/** A. */\nclass A {\n  int f(int x) { return x + 1; }\n}\n", "equal"},
		{"java", "class A { int f(int x) { return x < 1 ? 0 : x; } }\n", "class A { int f(int x) { return x <= 1 ? 0 : x; } }\n", "differ"},
		{"lua", "local function f(a) return a + 1 end\n", "-- f\nlocal function f(a)\n  return a + 1\nend\n", "equal"},
		{"lua", "return 1\n", "return 2\n", "differ"},
		{"ruby", "def f(a)\n  a + 1\nend\n", "# f\ndef f(a)\n  a + 1 # one\nend\n", "equal"},
		{"ruby", "def f(a)\n  a + 1\nend\n", "def f(a)\n  a + 1\n  a\nend\n", "differ"},
		{"go", "package p\nvar s = \"" + strings.Repeat("a", maxProgram) + "\"", "package p\n", unread},
		{"go", "", "", "equal"},
	} {
		l, err := FindLanguage(tt.language)
		if err != nil {
			t.Fatal(err)
		}
		for _, order := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
			equal, known := l.Equal(order[0], order[1])
			got := map[[2]bool]string{{true, true}: "equal", {false, true}: "differ", {false, false}: unread}[[2]bool{equal, known}]
			if got != tt.want {
				t.Errorf("%s: %q and %q: %s, want %s", tt.language, order[0], order[1], got, tt.want)
			}
		}
	}
}

func TestOnlyComments(t *testing.T) {
	l, err := FindLanguage("go")
	if err != nil {
		t.Fatal(err)
	}
	const program = "package p\n\n// f is one.\nfunc f() int { return 1 } // one\n\n/* two\nlines */\n"
	span := func(part string) [2]int {
		at := strings.Index(program, part)
		return [2]int{at, at + len(part)}
	}
	for _, tt := range []struct {
		spans [][2]int
		want  bool
	}{
		{[][2]int{span("// f is one.\n")}, true},
		{[][2]int{span("\n// f is one.\n"), span("\n/* two\n")}, true},
		{[][2]int{span("lines */\n")}, true},
		{[][2]int{span("func f() int { return 1 } // one\n")}, false},
		{[][2]int{span("\n\n")}, false}, // no comment among it
		{nil, false},
	} {
		if got := l.OnlyComments(program, tt.spans); got != tt.want {
			t.Errorf("%v: %v, want %v", tt.spans, got, tt.want)
		}
	}
	if l.OnlyComments("package p\n// x\nfunc f( {\n", [][2]int{{10, 15}}) {
		t.Error("of a program that can't be read it says yes")
	}
}

func TestFind(t *testing.T) {
	for name := range grammarOf {
		l, err := FindLanguage(name)
		if err != nil {
			t.Fatal(err)
		}
		if equal, known := l.Equal("", ""); known && !equal {
			t.Errorf("%s: nothing is not itself", name)
		}
	}
	for _, name := range []string{"", "klingon", "../go"} {
		if _, err := FindLanguage(name); err == nil || !strings.Contains(err.Error(), "language") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Grammars are made when they are first used, from several goroutines.
func TestTogether(t *testing.T) {
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, name := range []string{"go", "rust", "lua"} {
				l, err := FindLanguage(name)
				if err != nil {
					t.Error(err)
					return
				}
				l.Equal("package p\n", "package q\n")
			}
		})
	}
	all.Wait()
}

// Whatever the programs, they are held against each other without a panic, the
// same in both orders, and a program is equal to itself. This is no fuzz target:
// with counters in the parser's tables a run of one takes a tenth of a second.
func TestAnyPrograms(t *testing.T) {
	pieces := []string{"package p // q\n", "func f() { x := `a` }\n", "int f(", "\"\\", "<<A\n", "%w(", "[==[", "--[[", "def f(a)\n a+1 # x\nend\n", "fn f()->i32{ /* a */ 1 }", "\xff\x00", "class A { int f(int x){ return x<1?0:x; } }"}
	names := slices.Sorted(maps.Keys(grammarOf))
	dice := rand.New(rand.NewPCG(1, 2))
	program := func() string {
		var text []byte
		for range dice.IntN(5) {
			text = append(text, pieces[dice.IntN(len(pieces))]...)
		}
		for range dice.IntN(4) {
			if len(text) > 0 {
				text[dice.IntN(len(text))] = byte(dice.IntN(256))
			}
		}
		return string(text)
	}
	for range 300 {
		l, err := FindLanguage(names[dice.IntN(len(names))])
		if err != nil {
			t.Fatal(err)
		}
		a, b := program(), program()
		if equal, known := l.Equal(a, a); known && !equal {
			t.Errorf("%s: %q is not itself", l.Name, a)
		}
		x, xKnown := l.Equal(a, b)
		y, yKnown := l.Equal(b, a)
		if x != y || xKnown != yKnown {
			t.Errorf("%s: %q and %q differ by the order", l.Name, a, b)
		}
		l.OnlyComments(a, [][2]int{{0, len(a)}})
	}
}
