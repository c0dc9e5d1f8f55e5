package pairs

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
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
