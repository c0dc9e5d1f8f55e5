package report

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/chroma/v2"
	all "github.com/alecthomas/chroma/v2/lexers"
)

// TestLexers: our copies of lexers are those of the chroma in go.mod. -update
// writes them anew.
func TestLexers(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/alecthomas/chroma/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	paths, err := fs.Glob(lexerFiles, "lexers/*.xml")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%q, %v", paths, err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".xml")
		var want []byte
		if name == "go" {
			want, err = chroma.Marshal(goLexer(t))
		} else {
			name = chromaName(name)
			want, err = os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "lexers", "embedded", name+".xml"))
		}
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(path, want, 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := lexerFiles.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not chroma's (-update writes it anew), %v", path, err)
		}
	}
	if *update {
		return // what is embedded is what was there before
	}
	for _, language := range strings.Fields("ada bash c clojure cpp csharp cs d dart elixir go golang haskell hs java javascript js julia kotlin lua ocaml perl pl php py python r racket rkt rb ruby rs rust scala sh swift ts typescript zig") {
		const text = "// a # b -- c ; d\nclass def func f(x): return \"s\" + 'c' + 1.5e3; /* z */ é @x $y `q\n`\n"
		mine, err1 := chroma.Tokenise(lexers().Get(language), nil, text)
		theirs, err2 := chroma.Tokenise(all.Get(language), nil, text)
		if err1 != nil || err2 != nil || len(mine) == 0 || !slices.Equal(mine, theirs) {
			t.Errorf("%s: tokens %v, want %v; %v, %v", language, mine, theirs, err1, err2)
		}
	}
	if lexers().Get("klingon") != nil {
		t.Error("there is a lexer of klingon")
	}
}

// chromaName is what chroma calls the file of a language.
func chromaName(language string) string {
	switch language {
	case "cpp":
		return "c++"
	case "csharp":
		return "c#"
	}
	return language
}

// goLexer is chroma's lexer of Go, which is none of its files, without the
// templates that it looks for in raw strings.
func goLexer(t *testing.T) *chroma.RegexLexer {
	original := all.Get("go").(*chroma.RegexLexer)
	rules := original.MustRules().Clone()
	raw := slices.IndexFunc(rules["root"], func(r chroma.Rule) bool { return r.Pattern == "(`)([^`]*)(`)" })
	if raw < 0 || len(rules) != 1 {
		t.Fatal("chroma's lexer of Go is another one")
	}
	rules["root"][raw].Type = chroma.ByGroups(chroma.LiteralString, chroma.LiteralString, chroma.LiteralString)
	return chroma.MustNewLexer(original.Config(), func() chroma.Rules { return rules })
}
