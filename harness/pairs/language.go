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
