package report

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// painted shows the classes of a program as the page's script names them.
func painted(x text) string {
	const classes = " kfbsdc"
	var b strings.Builder
	for i, s := range stretches(x) {
		class, rest, _ := strings.Cut(s, ":")
		if i == len(x.Runs)/2 || class == "0" {
			b.WriteString(strings.TrimPrefix(s, "0:"))
			continue
		}
		b.WriteString(classes[class[0]-'0':][:1] + "‹" + rest + "›")
	}
	return b.String()
}

// TestProgram: comments, strings, numbers and words of each language are told
// apart, in programs that no parser would accept too.
func TestProgram(t *testing.T) {
	for _, test := range []struct{ languages, source, want string }{
		{" python Python py", "@cache\ndef f(x: int = 0x1F) -> str: # it's\n    return f\"a\\\"{x}\" + 'b' if x.print else len([1e-5, .5, 3.])",
			"f‹@cache›\nk‹def› f‹f›(x: b‹int› = d‹0x1F›) -> b‹str›: c‹# it's›\n    k‹return› s‹f\"a\\\"{x}\"› + s‹'b'› k‹if› x.print k‹else› b‹len›([d‹1e-5›, d‹.5›, d‹3›.])"},
		{"python", "'''a\n'b'\\''''; class É(KeyError): '\nraise 'x\\\n\"y' \"\"\"never closed\n# in it\\",
			"s‹'''a\n'b'\\''''›; k‹class› f‹É›(b‹KeyError›): s‹'›\nk‹raise› s‹'x\\\n\"y'› s‹\"\"\"never closed\n# in it\\›"},
		{"python", "def def f(((\n  x = '", "k‹def› k‹def› f‹f›(((\n  x = s‹'›"},
		{"c", "#include <a.h>\nchar c = '\\'', d = '\"'; /* \" */ // x\nint x = 1'000", "k‹#include› <a.h>\nk‹char› c = s‹'\\''›, d = s‹'\"'›; c‹/* \" */› c‹// x›\nk‹int› x = d‹1›'d‹000›"},
		{"cpp C++", "auto s = R\"(a\"b)\"; /* open", "k‹auto› s = s‹R\"(a\"b)\"›; c‹/* open›"},
		{"csharp cs c#", "var s = @\"a\\\" + \"b\\\"\" + $@\"c\n\";", "k‹var› s = s‹@\"a\\\"› + s‹\"b\\\"\"› + s‹$@\"c\n\"›;"},
		{"java", "@Override public final class A { String s = \"\"\"\n\"a\"\n\"\"\"; char c = 'x'; }", "f‹@Override› k‹public› k‹final› k‹class› f‹A› { String s = s‹\"\"\"\n\"a\"\n\"\"\"›; k‹char› c = s‹'x'›; }"},
		{"go golang", "func f() { s := `a\\`; r := 'x'; _ = len(s) // c\n}", "k‹func› f‹f›() { s := s‹`a\\`›; r := s‹'x'›; _ = b‹len›(s) c‹// c›\n}"},
		{"javascript js typescript ts", "const f = (x) => `a\n${x}` + \"b\" /* c */ + 1n, $if = null;", "k‹const› f = (x) => s‹`a\n${x}`› + s‹\"b\"› c‹/* c */› + d‹1n›, $if = k‹null›;"},
		{"rust rs", "fn f<'a>(x: &'a str) -> char { b'x'; r#\"a\"b\"#; for i in 0..10 {} 'y' }", "k‹fn› f‹f›<'a>(x: &'a b‹str›) -> b‹char› { s‹b'x'›; s‹r#\"a\"b\"#›; k‹for› i k‹in› d‹0›..d‹10› {} s‹'y'› }"},
		{"swift", "let s = \"\"\"\na\"b\n\"\"\" // c", "k‹let› s = s‹\"\"\"\na\"b\n\"\"\"› c‹// c›"},
		{"kotlin kt", "fun f(c: Char = 'x') = \"a\" // c", "k‹fun› f‹f›(c: Char = s‹'x'›) = s‹\"a\"› c‹// c›"},
		{"scala", "def f = 'x' + \"a\" + 'symbol /* c */", "k‹def› f‹f› = s‹'x'› + s‹\"a\"› + 'symbol c‹/* c */›"},
		{"dart", "final s = '''a\n'b''' + \"c\";", "k‹final› s = s‹'''a\n'b'''› + s‹\"c\"›;"},
		{"d", "auto s = `a\\` ~ \"b\n\"; /+ c +/ 'x'", "k‹auto› s = s‹`a\\`› ~ s‹\"b\n\"›; c‹/+ c +/› s‹'x'›"},
		{"zig", "const s = @as(u8, 1);\n  \\\\ it's \"raw\nfn g() void {} // c", "k‹const› s = f‹@as›(b‹u8›, d‹1›);\n  s‹\\\\ it's \"raw›\nk‹fn› f‹g›() b‹void› {} c‹// c›"},
		{"php", "<?php # a\nfunction f($if) { return 'a\nb' . \"$x\"; } // b", "<?php c‹# a›\nk‹function› f‹f›($if) { k‹return› s‹'a\nb'› . s‹\"$x\"›; } c‹// b›"},
		{"ruby rb", "=begin\nend\n=end\ndef f(x) = x.class + 'a' # \"", "c‹=begin\nend\n=end›\nk‹def› f‹f›(x) = x.class + s‹'a'› c‹# \"›"},
		{"perl pl", "my $n = $#{$x}; # it's\n=pod\n'\n=cut\nreturn 'a';", "k‹my› $n = $#{$x}; c‹# it's›\nc‹=pod\n'\n=cut›\nk‹return› s‹'a'›;"},
		{"bash sh shell", "if [ $# -gt 1 ]; then echo ${x#a} a#b \\' 'c\\' \"d\n\"; fi # it's", "k‹if› [ $# -gt d‹1› ]; k‹then› b‹echo› ${x#a} a#b \\' s‹'c\\'› s‹\"d\n\"›; k‹fi› c‹# it's›"},
		{"lua", "local s = [[a\n\"]] .. 'b' --[[ c\n]] --d", "k‹local› s = s‹[[a\n\"]]› .. s‹'b'› c‹--[[ c\n]]› c‹--d›"},
		{"r R", "my.if <- function(x) TRUE # c", "my.if <- k‹function›(x) k‹TRUE› c‹# c›"},
		{"julia jl", "function f(A) #= it's\n=# A' * 'x' end", "k‹function› f‹f›(A) c‹#= it's\n=#› A' * s‹'x'› k‹end›"},
		{"haskell hs", "f' x = 'a' : \"b\" {- c\n-} where y = x' -- d", "f' x = s‹'a'› : s‹\"b\"› c‹{- c\n-}› k‹where› y = x' c‹-- d›"},
		{"ocaml ml", "let f' (x : 'a) = 'x' (* \" *) in {|a\"b|}", "k‹let› f' (x : 'a) = s‹'x'› c‹(* \" *)› k‹in› s‹{|a\"b|}›"},
		{"elixir ex", "@doc \"\"\"\na\n\"\"\"\ndef f(x), do: x # c", "f‹@doc› s‹\"\"\"\na\n\"\"\"›\nk‹def› f‹f›(x), k‹do›: x c‹# c›"},
		{"clojure clj", "(defn f? [x] (if-let [y 1] \\\" \"a\")) ; c", "(k‹defn› f‹f?› [x] (k‹if-let› [y d‹1›] \\\" s‹\"a\"›)) c‹; c›"},
		{"racket rkt", "(define (f->g x) 'if #| c |# \"a\") ; d", "(k‹define› (f->g x) 'k‹if› c‹#| c |#› s‹\"a\"›) c‹; d›"},
		{"ada adb", "procedure P is C : Character := '\"'; begin X'First; end; -- it's", "k‹procedure› f‹P› k‹is› C : Character := s‹'\"'›; k‹begin› X'First; k‹end›; c‹-- it's›"},
		{"klingon", "def f(): 'x' # 1", "def f(): 'x' # 1"},
	} {
		for _, language := range strings.Split(test.languages, " ") {
			if got := painted(program(test.source, language)); got != test.want {
				t.Errorf("%s:\n%s, want\n%s", language, got, test.want)
			}
		}
	}
}

// FuzzProgram: in whatever language, the stretches of a program are the whole of
// what is shown of it, each of a class.
func FuzzProgram(f *testing.F) {
	for _, h := range hostile {
		f.Add(h[:min(len(h), 1000)])
	}
	for _, s := range []string{"def f(x):\n    return '''\n", "\"\"\"\\", "'\\", "`\\`é", "\n=begin\n", "${#", "1e+1..2.x", "R\"(", "r#\"", "/*/", "--[[]", "@@", "é'é'", "\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 1<<11 {
			return
		}
		want := shown(source, mostProgram)
		for _, language := range slices.Sorted(maps.Keys(syntaxes())) {
			got := program(source, language)
			if joined := strings.Join(stretchTexts(got), ""); got.Text != want || joined != want {
				t.Fatalf("%s: stretches %q of %q, want %q", language, joined, got.Text, want)
			}
			for i := 0; i < len(got.Runs); i += 2 {
				if got.Runs[i] < int(plain) || got.Runs[i] > int(comment) || got.Runs[i+1] < 1 {
					t.Fatalf("%s: runs %v", language, got.Runs)
				}
			}
		}
	})
}
