package golang_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/runtimes"
)

// each is n lines of a format that is given the line's number as often as it likes.
func each(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format+"\n", i)
	}
	return b.String()
}

// pairs is a text within n pairs of others.
func pairs(n int, before, text, after string) string {
	return strings.Repeat(before, n) + text + strings.Repeat(after, n)
}

// with is a program that has declarations beside an empty main.
func with(declarations string) string {
	return "package main\n\n" + declarations + "\n\nfunc main() {}\n"
}

// body is a program of statements.
func body(statements string) string {
	return "package main\n\nimport \"os\"\n\nvar in = len(os.Args)\n\nfunc main() {\n" + statements + "\n}\n"
}

// doubled is a program in which each of n constants is two of the one before.
func doubled(n int, first string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "const c%d = c%d + c%d\n", i+1, i, i)
	}
	return with("const c0 = " + first + "\n" + b.String() + fmt.Sprintf("var _ = c%d", n))
}

// generics is a program in which each of n functions is instantiated twice by the
// one before, with types that grow.
func generics(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "func f%[1]d[A interface{ any }]() { f%[2]d[P[A, A]](); f%[2]d[P[A, int]]() }\n", i, i+1)
	}
	return "package main\n\ntype P[A, B any] struct {\n\ta A\n\tb B\n}\n\n" + b.String() + fmt.Sprintf("func f%d[A any]() {}\n\nfunc main() { f0[int]() }\n", n)
}

// unmerged is a program of functions that have n variables and as many branches
// in a loop, each of which may have changed any of them: the compiler's work is n²
// for each.
func unmerged(functions, n int) string {
	var b strings.Builder
	b.WriteString("package main\n\nfunc main() {}\n")
	each := func(line string) {
		for i := range n {
			fmt.Fprintf(&b, line, i)
		}
	}
	for f := range functions {
		fmt.Fprintf(&b, "\nfunc f%d(c []bool) (r int) {\n", f)
		each("\tv%[1]d := %[1]d\n")
		b.WriteString("\tfor c[0] {\n")
		each("\t\tif c[%[1]d] {\n\t\t\tv%[1]d++\n\t\t}\n")
		b.WriteString("\t}\n")
		each("\tr += v%[1]d\n")
		b.WriteString("\treturn\n}\n")
	}
	return b.String()
}

// slow are sources that take the compiler or the engine seconds: they are for make
// hostile.
var slow = func(names ...string) map[string]bool {
	all := make(map[string]bool)
	for _, name := range names {
		all[name] = true
	}
	return all
}(
	"much that is not merged",
	"generics, some",
	"signs",
	"slices",
	"a text in parts",
	"results",
	"doubled types",
	"a struct of a struct",
	"an interface of interfaces",
	"parentheses",
	"parentheses without an end",
	"negations",
	"stars",
	"channels",
	"maps",
	"functions",
	"structs",
	"blocks, 100",
	"blocks, 100,000",
	"closures",
	"calls",
	"a sum",
	"selectors",
	"an else after another",
	"labels",
	"a long name",
	"a list",
	"a list that is computed",
	"a map",
	"a map of lists",
	"a switch",
	"a switch of texts",
	"a switch of types",
	"functions, many",
	"parameters",
	"fields",
	"variables",
	"defers",
	"gos",
	"a chain of initial values",
	"an array of 100 MiB that is written down",
	"an array of 30 MiB in the module",
	"exports, many",
	"imports, many",
)

// TestSuffering: whatever a source does to the compiler, an outcome comes of it: a
// program, the compiler's words, or a bound that is named. None is a fault.
func TestSuffering(t *testing.T) {
	_, w := open(t)
	const (
		limit    = runtimes.CompileLimit
		rejected = runtimes.SyntaxError
		runs     = runtimes.OK
	)
	all := os.Getenv("ASSAY_HOSTILE") != ""
	for _, c := range []struct {
		name, text string
		kind       runtimes.Kind // "": which one is the compiler's affair
		says       string        // in its words
	}{
		// Little text, much work.
		{"doubled constants", doubled(30, `"0123456789abcdef"`), limit, "to compile it takes more than"},
		{"doubled numbers", doubled(10000, "1"), "", ""},
		{"doubled fractions", doubled(5000, "1.5"), "", ""},
		{"squares", with("const c0 = 3\n" + strings.ReplaceAll(doubled(16, "3")[len("package main\n\n"):], "+", "*")), "", ""},
		{"a shift", with("const c = 1 << 1000000\nvar x = c >> 999999"), rejected, ""},
		{"shifts", with("const a = 1 << 511\nconst b = a * a * a * a\nvar x = b"), rejected, ""},
		{"an exponent", with("const c = 1e1000000000\nvar x float64 = c"), rejected, ""},
		{"an exponent of two", with("const c = 0x1p2147483000 * 0x1p2147483000\nvar x float64 = c"), rejected, ""},
		{"a long number", with("const c = 1" + strings.Repeat("0", 1<<20) + "\nvar x = c"), rejected, ""},
		{"many long numbers", with(each(2000, "const c%d = "+strings.Repeat("9", 1000)+" * "+strings.Repeat("9", 1000))), "", ""},
		{"generics", generics(30), limit, "to compile it takes more than"},
		{"generics, some", generics(12), "", ""},
		{"a type that grows", "package main\n\ntype T[A any] struct{ next *T[T[A]] }\n\nvar t T[int]\n\nfunc main() { _ = t }\n", rejected, ""},
		{"a function that grows", "package main\n\ntype P[A any] struct{ a A }\n\nfunc f[A any](n int) {\n\tif n > 0 {\n\t\tf[P[A]](n - 1)\n\t}\n}\n\nfunc main() { f[int](3) }\n", rejected, "instantiation cycle"},
		{"a method that grows", "package main\n\ntype P[A any] struct{ a *A }\n\nfunc (p P[A]) m() { var q P[P[A]]; q.m() }\n\nfunc main() { var p P[int]; p.m() }\n", rejected, ""},
		{"a union", with("type U interface{ " + strings.TrimSuffix(strings.ReplaceAll(each(5000, "struct{ a%d int } |"), "\n", " "), "| ") + " }\n\nfunc f[A U](a A) {}"), "", ""},
		{"doubled types", with("type t0 [2]int\n" + strings.TrimPrefix(strings.ReplaceAll(each(64, "type s%[1]d struct{ a, b *s%[1]d }"), "", ""), "")), runs, ""},
		{"doubled arrays", "package main\n\ntype t0 [2]byte\n" + func() (s string) {
			for i := range 60 {
				s += fmt.Sprintf("type t%d [2]t%d\n", i+1, i)
			}
			return s
		}() + "var x t60\n\nfunc main() { _ = x }\n", rejected, ""},
		{"a struct of a struct", "package main\n\ntype t0 struct{ a, b int }\n" + func() (s string) {
			for i := range 25 {
				s += fmt.Sprintf("type t%d struct{ a, b t%d }\n", i+1, i)
			}
			return s
		}() + "var x, y t25\n\nfunc main() { println(x == y) }\n", "", ""},
		{"an interface of interfaces", "package main\n\ntype i0 interface{ m() }\n" + func() (s string) {
			for i := range 2000 {
				s += fmt.Sprintf("type i%[2]d interface { i%[1]d; m%[1]d() }\n", i, i+1)
			}
			return s
		}() + "\nfunc main() { var x i2000; _ = x }\n", "", ""},
		{"quadratic work", unmerged(40, 1000), limit, "to compile it takes more than"},
		{"much that is not merged", unmerged(4, 1000), "", ""},

		// Deep.
		{"parentheses", body("println(" + pairs(100_000, "(", "in", ")") + ")"), "", ""},
		{"parentheses without an end", body(strings.Repeat("(", 2_000_000)), "", ""},
		{"signs", body("println(" + strings.Repeat("-+", 500_000) + "in)"), "", ""},
		{"negations", body("println(" + strings.Repeat("!", 1_000_000) + "true)"), "", ""},
		{"stars", with("var x " + strings.Repeat("*", 1_000_000) + "int"), "", ""},
		{"slices", with("var x " + strings.Repeat("[]", 500_000) + "int"), "", ""},
		{"channels", with("var x " + strings.Repeat("chan ", 300_000) + "int"), "", ""},
		{"maps", with("var x " + strings.Repeat("map[string]", 100_000) + "int"), "", ""},
		{"functions", with("var x " + strings.Repeat("func() ", 200_000)), "", ""},
		{"structs", with("type T " + pairs(100_000, "struct{ a ", "int", "}")), "", ""},
		{"blocks, 100", body(pairs(100, "if in > 0 {\n", "println()", "\n}")), runs, ""},
		{"blocks, 3,000", body(pairs(3000, "for in > 0 {\n", "in--", "\n}")), "", ""},
		{"blocks, 100,000", body(pairs(100_000, "{", "in++", "}")), "", ""},
		{"closures", body(pairs(2000, "func() {", "in++", "}()")), "", ""},
		{"calls", "package main\n\nfunc f(x int) int { return x }\n\nfunc main() { println(" + pairs(20_000, "f(", "1", ")") + ") }\n", "", ""},
		{"a sum", body("println(in" + strings.Repeat("+in", 300_000) + ")"), "", ""},
		{"a text in parts", body("s := \"\"\n_ = s" + strings.Repeat("+s", 100_000)), "", ""},
		{"selectors", body("in" + strings.Repeat(".x", 1_000_000)), "", ""},
		{"an else after another", body(strings.Repeat("if in == 1 {\n} else ", 50_000) + "{\n}"), "", ""},
		{"labels", body(each(20_000, "l%[1]d:\n\tif in > %[1]d {\n\t\tgoto l%[1]d\n\t}")), "", ""},

		// Large.
		{"a line of 4 MiB", body("/*" + strings.Repeat("x", 4<<20-100) + "*/"), "", ""},
		{"more than may be", body("/*" + strings.Repeat("x", 4<<20) + "*/"), limit, "it has more than 4194304 bytes"},
		{"a long text", body("println(len(\"" + strings.Repeat("x", 3<<20) + "\"), in)"), runs, ""},
		{"a long name", with("var " + strings.Repeat("x", 1<<20) + " int"), "", ""},
		{"a list", with("var x = []int{" + strings.Repeat("1, ", 500_000) + "}"), "", ""},
		{"a list of texts", with("var x = []string{" + strings.Repeat("\"a\", ", 300_000) + "}"), "", ""},
		{"a list that is computed", "package main\n\nfunc f() int { return 1 }\n\nvar x = []int{" + strings.Repeat("f(), ", 100_000) + "}\n\nfunc main() { _ = x }\n", "", ""},
		{"a map", with("var x = map[int]int{\n" + each(100_000, "%[1]d: %[1]d,") + "}"), "", ""},
		{"a map of lists", with("var x = map[string][]any{\n" + each(20_000, "\"%[1]d\": {%[1]d, \"a\", 1.5},") + "}"), "", ""},
		{"a switch", body("switch in {\n" + each(50_000, "case %[1]d:\n\tprintln(%[1]d)") + "}"), "", ""},
		{"a switch of texts", body("switch os.Args[0] {\n" + each(20_000, "case \"%[1]d\":\n\tprintln(%[1]d)") + "}"), "", ""},
		{"a switch of types", body("var x any = in\nswitch x.(type) {\n" + each(5000, "case [%[1]d]int:\n\tprintln(%[1]d)") + "}"), "", ""},
		{"functions, many", "package main\n\n" + each(20_000, "func f%[1]d(a int) int { return a + %[1]d }") + "func main() {}\n", "", ""},
		{"parameters", with("func f(" + strings.ReplaceAll(each(5000, "a%d int,"), "\n", " ") + ") {}\n\nvar g = f"), "", ""},
		{"results", with("func f() (" + strings.ReplaceAll(each(2000, "a%d int,"), "\n", " ") + ") { return }\n\nvar g = f"), "", ""},
		{"fields", with("type T struct {\n" + each(50_000, "\ta%d int") + "}\n\nvar x, y T\n\nvar b = x == y"), "", ""},
		{"variables", body(each(20_000, "v%[1]d := in + %[1]d\n_ = v%[1]d")), "", ""},
		{"defers", body(each(5000, "defer println(in, %d)")), "", ""},
		{"gos", body(each(5000, "go println(in, %d)")), "", ""},
		{"loops of initial values", with("var a, b = b, a"), rejected, "initialization cycle"},
		{"a chain of initial values", with("var v0 = 1\n" + func() (s string) {
			for i := range 5000 {
				s = fmt.Sprintf("var v%d = v%d + 1\n", i+1, i) + s
			}
			return s
		}()), "", ""},
		{"an array of 1 GiB", body("println(big[in])\n}\n\nvar big [1 << 30]byte\n\nfunc init() {"), "", ""},
		{"an array of 3 GiB", body("println(big[in])\n}\n\nvar big [3 << 30]byte\n\nfunc init() {"), "", ""},
		{"an array of 100 MiB that is written down", body("println(big[in])\n}\n\nvar big = [100 << 20]byte{100<<20 - 1: 1}\n\nfunc init() {"), "", ""},
		{"an array of 1 GiB that is written down", body("println(big[in])\n}\n\nvar big = [1 << 30]byte{1<<30 - 1: 1}\n\nfunc init() {"), limit, ""},
		{"an array of 40 MiB with a byte at its end", body("println(big[in])\n}\n\nvar big = [40 << 20]byte{40<<20 - 1: 1}\n\nfunc init() {"), runs, ""},
		{"a module of 32 MiB", strings.Replace(doubled(21, `"0123456789abcdef"`), "func main() {", "func main() { in := 3; println(c21[in:])", 1), limit, "its module has more than"},
		{"an array on the stack", body("var big [1 << 30]byte\nprintln(big[in])"), "", ""},
		{"a copy of 200 MiB", "package main\n\nvar a [200 << 20]byte\n\nfunc f(b [200 << 20]byte) byte { return b[1] }\n\nfunc main() { println(f(a)) }\n", "", ""},

		// What reaches for something.
		{"linkname of exit", "package main\n\nimport _ \"unsafe\"\n\n//go:linkname exit runtime.exit\nfunc exit(code int32)\n\nfunc main() { exit(0) }\n", "", ""},
		{"linkname of a system call", "package main\n\nimport _ \"unsafe\"\n\n//go:linkname exit syscall.ProcExit\nfunc exit(code int32)\n\nfunc main() { exit(0) }\n", "", ""},
		{"linkname of the runtime's own", "package main\n\nimport _ \"unsafe\"\n\n//go:linkname mine runtime.mallocgc\nfunc mine(n uintptr, t *byte, zero bool) *byte { return nil }\n\nfunc main() { println(new(int)) }\n", "", ""},
		{"linkname without unsafe", "package main\n\n//go:linkname exit runtime.exit\nfunc exit(code int32)\n\nfunc main() { exit(0) }\n", rejected, ""},
		{"an import of WASI's", "package main\n\n//go:wasmimport wasi_snapshot_preview1 proc_exit\nfunc exit(code int32)\n\nfunc main() { exit(3) }\n", runs, "3"},
		{"an import of nobody's", "package main\n\n//go:wasmimport env system\nfunc system(command int32) int32\n\nfunc main() { println(system(0)) }\n", rejected, ""},
		{"an import with another type", "package main\n\n//go:wasmimport wasi_snapshot_preview1 proc_exit\nfunc exit(code int64)\n\nfunc main() { exit(3) }\n", rejected, ""},
		{"an import of a socket", "package main\n\n//go:wasmimport wasi_snapshot_preview1 sock_open\nfunc open(a, b, c int32) int32\n\nfunc main() { println(open(0, 0, 0)) }\n", rejected, ""},
		{"an export", "package main\n\n//go:wasmexport add\nfunc add(a, b int32) int32 { return a + b }\n\nfunc main() { println(add(1, 2)) }\n", "", ""},
		{"an export of the start", "package main\n\n//go:wasmexport _start\nfunc start() {}\n\nfunc main() {}\n", "", ""},
		{"an export of the memory", "package main\n\n//go:wasmexport memory\nfunc memory() {}\n\nfunc main() {}\n", "", ""},
		{"exports, many", "package main\n\n" + each(5000, "//go:wasmexport e%[1]d\nfunc e%[1]d() {}") + "func main() {}\n", "", ""},
		{"an embedded file", "package main\n\nimport _ \"embed\"\n\n//go:embed /etc/passwd\nvar s string\n\nfunc main() { print(s) }\n", rejected, "invalid go:embed"},
		{"embedded files", "package main\n\nimport \"embed\"\n\n//go:embed *\nvar s embed.FS\n\nfunc main() { _ = s }\n", rejected, "invalid go:embed"},
		{"cgo", "package main\n\n// #include \"/dev/zero\"\nimport \"C\"\n\nfunc main() {}\n", rejected, "could not import C"},
		{"cgo's pragmas", "package main\n\n//go:cgo_import_dynamic x x \"/lib/x.so\"\n\nfunc main() {}\n", runs, ""},
		{"cgo's linker flags", "package main\n\n//go:cgo_ldflag \"-Wl,/etc/passwd\"\n\nfunc main() {}\n", rejected, ""},
		{"a file as a package", "package main\n\nimport _ \"/etc/passwd\"\n\nfunc main() {}\n", rejected, "/etc/passwd"},
		{"a file as a package, by way of others", "package main\n\nimport _ \"./../../etc/passwd\"\n\nfunc main() {}\n", rejected, "/etc/passwd"},
		{"a device as a package", "package main\n\nimport _ \"/dev/zero\"\n\nfunc main() {}\n", rejected, ""},
		{"a package of the runtime's", "package main\n\nimport _ \"runtime/internal/sys\"\n\nfunc main() {}\n", rejected, "could not import"},
		{"its own package", "package main\n\nimport _ \"main\"\n\nfunc main() {}\n", rejected, ""},
		{"all that unsafe can do", body("p := (*int)(unsafe.Pointer(uintptr(in)))\nprintln(*p)")[:0] + "package main\n\nimport \"unsafe\"\n\nfunc main() { println(*(*int)(unsafe.Pointer(uintptr(1 << 40)))) }\n", "", ""},
		{"system calls", "package main\n\nimport \"syscall\"\n\nfunc main() { syscall.Exit(4) }\n", runs, "4"},
		{"imports, many", "package main\n\nimport (\n" + strings.Repeat("\t_ \"fmt\"\n", 50_000) + ")\n\nfunc main() {}\n", "", ""},
		{"a package with a long name", "package main\n\nimport _ \"" + strings.Repeat("a/", 500_000) + "\"\n\nfunc main() {}\n", rejected, ""},

		// Odd texts.
		{"nothing", "", rejected, ""},
		{"zeros", strings.Repeat("\x00", 1<<20), rejected, ""},
		{"bytes that are no text", "package main\n\nfunc main() { println(\"\xff\xfe\") }\n", rejected, ""},
		{"a byte order mark", "\ufeff" + body("println(in)"), runs, ""},
		{"a byte order mark inside", body("println(in)\ufeff"), rejected, ""},
		{"carriage returns", strings.ReplaceAll(body("println(in)"), "\n", "\r\n"), runs, ""},
		{"a comment without an end", "package main\n\n/* " + strings.Repeat("*", 1<<20), rejected, ""},
		{"a text without an end", body("println(`" + strings.Repeat("x\n", 1<<19)), rejected, ""},
		{"another file's lines", "package main\n\n//line \x1b[31mred\x07.go:7\nfunc main() { x }\n", rejected, ""},
		{"a line beyond all", "package main\n\n//line main.go:2147483647\nfunc main() { x }\n", rejected, ""},
		{"a line of a device", "package main\n\n//line /dev/stdin:1:1\nfunc main() { x }\n", rejected, ""},
		{"lines, many", "package main\n\n" + each(50_000, "//line f%[1]d.go:%[1]d") + "func main() {}\n", "", ""},
		{"control characters in words", body("x\u202e\u2066 := 1"), rejected, ""},
		{"directives, many", "package main\n\n" + strings.Repeat("//go:noinline\n", 100_000) + "func main() {}\n", "", ""},
		{"a constraint", "//go:build ignore\n\n" + body("println(in)"), "", ""},
		{"a constraint on Go", "//go:build go1.999\n\n" + body("println(in)"), "", ""},
		{"a deep constraint", "//go:build " + pairs(10_000, "(", "linux", ")") + "\n\n" + body("println(in)"), "", ""},
		{"not main", "package other\n\nfunc main() {}\n", rejected, "link: main.a: not package main"},
		{"no main", "package main\n", rejected, "function main is undeclared"},
		{"main with a result", "package main\n\nfunc main() int { return 1 }\n", rejected, ""},
		{"many mistakes", body(each(40_000, "var v%d int = \"x\"")), rejected, "cannot use"},
		{"a long mistake", body("var x " + strings.Repeat("*", 50_000) + "int = 1"), rejected, ""},
	} {
		if len(c.text) > 1<<20 && !all || slow[c.name] && !all {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			begun := time.Now()
			o := ends(t, w, c.text)[0]
			said := o.Detail
			if o.Exception != nil {
				said = o.Exception.Message
			}
			t.Logf("%s: %.150q, %.1f s", o.Kind, said, time.Since(begun).Seconds())
			if c.kind != "" && o.Kind != c.kind || !strings.Contains(said, c.says) {
				t.Errorf("want %s, %s", c.kind, c.says)
			}
		})
	}
}
