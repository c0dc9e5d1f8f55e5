package report

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/alecthomas/chroma/v2"

	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/trainer/mask"
)

// Bounds of texts, in bytes: of a program, of a value or a traceback, of what
// stands in a row of a table.
const (
	mostProgram = 64 << 10
	mostColored = 16 << 10 // of a program that is highlighted, which takes long
	mostText    = 16 << 10
	mostCell    = 160
)

// class is what a stretch of a text is, for the page's colours.
type class int

// Classes, in the order of the page's style sheet and script.
const (
	plain class = iota
	keyword
	name
	builtin
	literal
	number
	comment
	removed
	added
)

// text is what the page shows: its stretches have classes. Lengths are in units
// of UTF-16, as the page's script counts.
type text struct {
	Text string `json:"t"`
	Runs []int  `json:"r,omitempty"` // class, length, class, length, …; the rest is plain
}

// shown makes any text one that can be shown: cut to most bytes, and escaped.
func shown(s string, most int) string {
	if len(s) <= most {
		return run.Escape(s)
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s… (cut: %d bytes in all)", run.Escape(s[:end]), len(s))
}

// line makes any text one line of a table.
func line(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, shown(strings.TrimSpace(s), mostCell))
}

// add appends a stretch.
func (t *text) add(c class, s string) {
	if s == "" {
		return
	}
	t.Text += s
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	if k := len(t.Runs); k > 0 && t.Runs[k-2] == int(c) {
		t.Runs[k-1] += n
		return
	}
	t.Runs = append(t.Runs, int(c), n)
}

// difference marks what the expected text has alone, and the actual one.
func difference(expected, actual string) (text, text) {
	e, a := shown(expected, mostText), shown(actual, mostText)
	if expected == "" || actual == "" {
		return text{Text: e}, text{Text: a}
	}
	minus, plus, err := mask.Diff(e, a, mask.Words)
	if err != nil { // they differ in too much to say in what
		return text{Text: e}, text{Text: a}
	}
	return marked(e, minus, removed), marked(a, plus, added)
}

// marked gives spans of a text a class.
func marked(s string, spans []mask.Span, c class) text {
	var t text
	at := 0
	for _, span := range spans {
		t.add(plain, s[at:span.Start])
		t.add(c, s[span.Start:span.End])
		at = span.End
	}
	t.add(plain, s[at:])
	return t
}

// newLines are the numbers, from 1, of the lines that only the second text has.
func newLines(before, after string) []int {
	_, plus, err := mask.Diff(before, after, mask.Lines)
	if err != nil {
		return nil
	}
	var numbers []int
	for n, l := range mask.Lines(after) {
		for len(plus) > 0 && plus[0].End <= l.Start {
			plus = plus[1:]
		}
		if len(plus) > 0 && plus[0].Start < l.End {
			numbers = append(numbers, n+1)
		}
	}
	return numbers
}

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
