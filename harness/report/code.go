package report

import (
	"cmp"
	"embed"
	"io/fs"
	"regexp"
	"sync"

	"github.com/alecthomas/chroma/v2"
)

// lexerFiles are chroma's lexers of the languages that benchmarks and MultiPL-E
// have. The package that has all of chroma's reads 279 of them at every start.
//
//go:embed lexers/*.xml
var lexerFiles embed.FS

// lexers are read when the first program is shown.
var lexers = sync.OnceValue(func() *chroma.LexerRegistry {
	r := chroma.NewLexerRegistry()
	paths, err := fs.Glob(lexerFiles, "lexers/*.xml")
	if err != nil {
		panic(err) // the pattern is ours
	}
	for _, path := range paths {
		r.Register(chroma.MustNewXMLLexer(lexerFiles, path)) // they are embedded
	}
	return r
})

// languages are names that a language may have. What is none of chroma's names is
// held against patterns of file names, which takes minutes for a long text.
var languages = regexp.MustCompile(`^[A-Za-z0-9+#-]{1,20}$`)

// program is a program's text, highlighted as its language; plain where it is
// long or the lexer makes another text of it.
func program(source, language string) text {
	source = shown(source, mostProgram)
	language = cmp.Or(language, "python")
	if len(source) > mostColored || !languages.MatchString(language) {
		return text{Text: source}
	}
	lexer := lexers().Get(language)
	if lexer == nil {
		return text{Text: source}
	}
	tokens, err := chroma.Tokenise(lexer, nil, source)
	if err != nil {
		return text{Text: source}
	}
	var t text
	for _, token := range tokens {
		s := token.Value
		if rest := len(source) - len(t.Text); len(s) > rest {
			s = s[:rest] // lexers end every text with a line end
		}
		t.add(classOf(token.Type), s)
	}
	if t.Text != source {
		return text{Text: source}
	}
	return t
}

func classOf(t chroma.TokenType) class {
	switch {
	case t.InCategory(chroma.Keyword), t == chroma.OperatorWord:
		return keyword
	case t == chroma.NameFunction, t == chroma.NameClass, t == chroma.NameDecorator:
		return name
	case t.InSubCategory(chroma.NameBuiltin), t == chroma.NameException:
		return builtin
	case t.InSubCategory(chroma.LiteralString):
		return literal
	case t.InSubCategory(chroma.LiteralNumber):
		return number
	case t.InCategory(chroma.Comment):
		return comment
	}
	return plain
}
