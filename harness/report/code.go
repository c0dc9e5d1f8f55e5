package report

import (
	"cmp"
	"regexp"
	"strings"
	"sync"
)

// program is a program's text, coloured as its language; plain where we don't
// know the language. One regular expression finds comments, strings, numbers and
// words, in time proportional to the text. No parser has to accept the program,
// because much of what models write is not a whole one.
func program(source, language string) text {
	t := text{Text: shown(source, mostProgram)}
	l := syntaxes()[strings.ToLower(cmp.Or(language, "python"))]
	if l == nil {
		return t
	}
	at, before := 0, ""
	for _, m := range l.tokens.FindAllStringSubmatchIndex(t.Text, -1) {
		from, to, c := m[0], m[1], plain
		word, gap := t.Text[from:to], t.Text[at:from]
		switch {
		case m[2] >= 0:
			c = comment
		case m[4] >= 0:
			c = literal
		case m[6] >= 0:
			c = number
		case m[8] < 0: // nothing that has a class
		case l.words[word] != plain:
			c = l.words[word]
		case strings.Contains(defining, " "+before+" ") && strings.Trim(gap, " ") == "", word[0] == '@' && len(word) > 1:
			c = name
		case strings.HasSuffix(word, "Error"), strings.HasSuffix(word, "Exception"):
			c = builtin
		}
		t.mark(plain, gap)
		t.mark(c, word)
		at, before = to, ""
		if c == keyword {
			before = word
		}
	}
	t.mark(plain, t.Text[at:])
	return t
}

// syntax is what a language's tokens look like, and what its words are.
type syntax struct {
	tokens *regexp.Regexp // a comment, a string, a number or a word, in groups 1 to 4
	words  map[string]class
}

// defining are the keywords that a name follows.
const defining = " class def defn defmodule defp enum fn fun func function interface module object procedure struct sub trait type union "

// pattern finds the tokens of a language with these comments and strings. Its
// words may contain the inner characters too, beside letters, digits and _.
func pattern(comments, literals, inner string) *regexp.Regexp {
	word := `[0-9A-Za-z_\x{80}-\x{10ffff}` + inner + `]+`
	return regexp.MustCompile(`(` + comments + `)|((?:\b[BbFfLRrUu]{1,2})??(?:` + literals + `))` +
		`|[{$]#|\\(?s:.)|\.\.+|\.[A-Za-z_]\w*` + // bash's ${#x}, escapes, ranges, members
		`|(\.?[0-9](?:[Ee][+-][0-9]|\.[0-9]|\w)*)|(` + word + `)`)
}

// syntaxes are those of the languages of MultiPL-E and HumanEval-X, by name.
var syntaxes = sync.OnceValue(func() map[string]*syntax {
	// Patterns of comments and strings. One that is not closed ends with the text
	// or the line, so that no text is read twice in search of an end. In languages
	// with character literals a ' may also begin something else.
	const (
		hash    = `\B#[^\n]*`
		dashes  = `--[^\n]*`
		semi    = `;[^\n]*`
		slashes = `//[^\n]*`
		braces  = slashes + `|/\*(?s:.*?)(?:\*/|\z)`

		double    = `"(?:[^"\\\n]|\\(?s:.))*"?`
		one       = `'(?:[^'\\\n]|\\[^\n]{1,10}?)'`
		character = double + "|" + one
		either    = double + `|'(?:[^'\\\n]|\\(?s:.))*'?`
		doubles   = `"(?:[^"\\]|\\(?s:.))*\\?"?`
		eithers   = doubles + `|'(?:[^'\\]|\\(?s:.))*\\?'?`
		triple    = `"""(?s:[^\\]|\\.)*?(?:"""|\\?\z)`
		triples   = triple + `|'''(?s:[^\\]|\\.)*?(?:'''|\\?\z)`
		tick      = "`[^`]*`?"
		ticks     = "`(?:[^`\\\\]|\\\\(?s:.))*\\\\?`?"
	)
	const (
		curly = " break case continue default do else enum for if return struct switch while true false "
		typed = " bool char class const double float int long namespace new null private protected public short static this throw try catch void "
		c     = curly + " auto char const double extern float goto inline int long register short signed sizeof static typedef union unsigned void volatile bool NULL #include #define #if #ifdef #ifndef #else #elif #endif #pragma #undef "
		java  = curly + typed + " abstract assert boolean byte extends final finally implements import instanceof interface native package super synchronized throws transient var "
		js    = " async await break case catch class const continue debugger default delete do else export extends false finally for from function if import in instanceof let new null of return static super switch this throw true try typeof undefined var void while yield "
		lisp  = `\-?!*<>=/+&`
	)
	m := map[string]*syntax{}
	for _, l := range []struct {
		names, inner       string
		comments, literals string
		words, builtin     string
	}{
		{"python py", "@", hash, triples + "|" + either,
			"False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield",
			"abs all any bin bool bytearray bytes callable chr classmethod complex dict dir divmod enumerate eval exec filter float format frozenset getattr hasattr hash hex id input int isinstance issubclass iter len list map max min next object oct open ord pow print property range repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip KeyboardInterrupt StopIteration SystemExit"},
		{"c", "#", braces, character, c, ""},
		{"cpp c++", "#", braces, `R"\((?s:.*?)(?:\)"|\z)|` + character,
			c + typed + " concept constexpr decltype delete explicit friend mutable noexcept nullptr operator override requires static_cast template typename using virtual", ""},
		{"csharp cs c#", "#", braces, triple + `|\$?@"[^"]*"?|` + character,
			curly + typed + " abstract as async await base byte decimal finally foreach get in interface internal is lock object out override params readonly record ref sealed set string using var virtual where", ""},
		{"java", "@", braces, triple + "|" + character, java, ""},
		{"go golang", "", braces, tick + "|" + character,
			"break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var true false nil iota",
			"any append bool byte cap clear close copy delete error float32 float64 int int32 int64 len make max min new panic print println recover rune string uint uint64"},
		{"javascript js", "$", braces, ticks + "|" + either, js, ""},
		{"typescript ts", "$@", braces, ticks + "|" + either,
			js + " abstract any as boolean declare enum implements interface keyof namespace never number private protected public readonly string type unknown", ""},
		{"rust rs", "", braces, `r#"(?s:.*?)(?:"#|\z)|` + doubles + "|" + one,
			"as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait true type unsafe use where while",
			"bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize String Vec Option Some None Result Ok Err"},
		{"swift", "@", braces, triple + "|" + double,
			curly + "as class deinit extension fallthrough fileprivate func guard import in init inout internal is let nil open private protocol public repeat self Self static subscript super throw throws try typealias var where", ""},
		{"kotlin kt", "@", braces, triple + "|" + character,
			curly + "abstract as by catch class companion const data final finally fun import in interface internal is lateinit null object open override package private protected public sealed super this throw try typealias val var when", ""},
		{"scala", "@", braces, triple + "|" + character,
			curly + "abstract catch class def extends final finally given implicit import lazy match new null object override package private protected sealed super then this throw trait try type using val var with yield", ""},
		{"dart", "@", braces, triples + "|" + either, java + " as async await dynamic factory get in is late mixin num on required set String typedef with yield", ""},
		{"d", "@", braces + `|/\+(?s:.*?)(?:\+/|\z)`, tick + "|" + doubles + "|" + one, java + " alias auto cast delegate foreach immutable in is mixin module out pure ref scope string struct template uint ulong unittest", ""},
		{"zig", "@", slashes, `\\\\[^\n]*|` + character,
			"and break catch comptime const continue defer else enum errdefer error export extern false fn for if inline null or orelse packed pub return struct switch test true try undefined union unreachable usingnamespace var while",
			"anyerror anytype bool f32 f64 i8 i16 i32 i64 isize type u8 u16 u32 u64 usize void"},
		{"php", "$", hash + "|" + braces, eithers,
			curly + "abstract and array as bool class const echo elseif extends final finally float fn foreach function global implements include int interface match namespace new null or private protected public require static string throw trait try catch use var void yield", ""},
		{"ruby rb", "", `(?m:^)=begin(?s:.*?)(?:\n=end|\z)|` + hash, eithers,
			"alias and begin break case class def defined do else elsif end ensure false for if in module next nil not or redo rescue retry return self super then true undef unless until when while yield require", ""},
		{"perl pl", "$", `(?m:^)=[a-z](?s:.*?)(?:\n=cut|\z)|` + hash, eithers,
			"and cmp else elsif eq for foreach ge gt if last le lt my ne next no not or our package qw redo require return sub unless until use while", ""},
		{"bash sh shell", "", hash, doubles + `|'[^']*'?`,
			"break case continue do done elif else esac exit export fi for function if in local readonly return select shift then time until unset while",
			"cd declare echo eval printf read set source test trap"},
		{"lua", "", `--\[\[(?s:.*?)(?:\]\]|\z)|` + dashes, `\[\[(?s:.*?)(?:\]\]|\z)|` + either,
			"and break do else elseif end false for function goto if in local nil not or repeat return then true until while", ""},
		{"r", ".", hash, eithers, "break else for function if in next repeat while FALSE Inf NA NULL NaN TRUE", ""},
		{"julia jl", "@", `#=(?s:.*?)(?:=#|\z)|` + hash, triple + "|" + doubles + "|" + one,
			"abstract begin break catch const continue do else elseif end export false finally for function global if import in let local macro module mutable nothing quote return struct true try type using where while", ""},
		{"haskell hs", "'", `\{-(?s:.*?)(?:-\}|\z)|` + dashes, character,
			"as case class data deriving do else forall hiding if import in infix infixl infixr instance let module newtype of otherwise qualified then type where", ""},
		{"ocaml ml", "'", `\(\*(?s:.*?)(?:\*\)|\z)`, `\{\|(?s:.*?)(?:\|\}|\z)|` + doubles + "|" + one,
			"and as assert begin class do done downto else end exception external false for fun function functor if in include inherit lazy let match method module mutable new object of open or rec sig struct then to true try type val virtual when while with", ""},
		{"elixir ex", "@", hash, triples + "|" + eithers,
			"after and case catch cond def defmacro defmodule defp defstruct do else end false fn for if import in nil not or quote raise receive rescue require true try unless unquote use when with", ""},
		{"clojure clj", lisp, semi, doubles, "def defmacro defn do false fn for if if-let let loop new nil ns quote recur require throw true try when when-let", ""},
		{"racket rkt", lisp, semi + `|#\|(?s:.*?)(?:\|#|\z)`, doubles, "and begin case cond define define-struct else for for/list if lambda let let* letrec not or provide require set! struct unless when", ""},
		{"ada adb", "", dashes, character,
			"abs access all and array at begin body case constant declare delay do else elsif end entry exception exit for function generic if in is limited loop mod new not null of or others out package private procedure raise range record rem renames return reverse select separate subtype then type until use when while with xor", ""},
	} {
		s := &syntax{pattern(l.comments, l.literals, l.inner), map[string]class{}}
		for _, w := range strings.Fields(l.builtin) {
			s.words[w] = builtin
		}
		for _, w := range strings.Fields(l.words) {
			s.words[w] = keyword
		}
		for _, n := range strings.Fields(l.names) {
			m[n] = s
		}
	}
	return m
})
