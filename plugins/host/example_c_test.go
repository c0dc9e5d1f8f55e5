package host

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/worker"
)

// each is n texts of a format, whose [1] is the text's number and [2] the next one.
func each(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i, i+1)
	}
	return b.String()
}

// pairs is a text within n pairs of others.
func pairs(n int, before, text, after string) string {
	return strings.Repeat(before, n) + text + strings.Repeat(after, n)
}

// TestExampleSuffering: whatever a source in C does to clang, in the example that is
// a plugin, an outcome comes of it. None is a fault.
func TestExampleSuffering(t *testing.T) {
	tree, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	python := os.Getenv("ASSAY_PLUGIN_PYTHON")
	if python == "" {
		python = filepath.Join(tree, ".plugins", "bin", "python")
	}
	if exec.Command(python, "-c", "import assay_plugin, ziglang").Run() != nil {
		t.Skip("the Python for plugins has no ziglang: make plugins-python")
	}
	dir := filepath.Join(tree, "plugins", "python", "examples", "c")
	cache := os.Getenv("ZIG_GLOBAL_CACHE_DIR")
	if cache == "" {
		cache = t.TempDir()
	}
	r, err := OpenRuntime(t.Context(), Config{
		Name: "c", Version: "1", Args: []string{python, filepath.Join(dir, "c.py")}, Dir: dir, Env: []string{"ZIG_GLOBAL_CACHE_DIR=" + cache},
		StartTimeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	w := worker.New(worker.Config{
		Setup:     worker.Setup{Engine: os.Getenv("ASSAY_ENGINE")},
		Languages: func(context.Context, string) (language.Language, func(), error) { return r, func() {}, nil },
	})
	defer w.Close()

	const (
		limit    = runtimes.CompileLimit
		rejected = runtimes.SyntaxError
		runs     = runtimes.OK
		plain    = "\nint main(int c, char **v) { return 0; }\n"
	)
	body := func(statements string) string {
		return "int main(int c, char **v) {\n" + statements + "\nreturn c; }\n"
	}
	tenfold := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "#define A%d%s\n", i+1, strings.Repeat(fmt.Sprintf(" A%d", i), 10))
		}
		return b.String()
	}
	slow := os.Getenv("ASSAY_HOSTILE") != ""
	for _, c := range []struct {
		name, text string
		kind       runtimes.Kind // "": which one is the compiler's affair
		says       string        // in its words
		slow       bool          // it takes the compiler seconds
	}{
		{"plain", plain, runs, "0", false},
		{"macros of nothing", "#define A0\n" + tenfold(9) + strings.Repeat("A9 ", 10) + plain, limit, "to compile it takes more than", true},
		{"macros", "#define A0 x\n" + tenfold(9) + "void f(void) { A9; }" + plain, limit, "to compile it takes more than", true},
		{"macros that take lists", "#define E(...) E1(E1(E1(E1(E1(E1(E1(E1(__VA_ARGS__))))))))\n#define E1(...) E2(E2(E2(E2(E2(E2(E2(E2(__VA_ARGS__))))))))\n#define E2(...) __VA_ARGS__,__VA_ARGS__\nint a[] = {E(1)};" + plain, "", "", true},
		{"macros that paste", "#define P(a, b) a##b\n#define Q(a, b) P(a, b)\n#define Q0 x\n" + each(30, "#define Q%[2]d Q(Q%[1]d, Q%[1]d)\n") + "int Q30;" + plain, "", "", true},
		{"_Generic, nested", body("return " + pairs(3000, "_Generic(1, int: ", "1", ")") + ";"), rejected, "bracket nesting level", false},
		{"_Generic, doubled", "#define G0 1\n" + each(30, "#define G%[2]d _Generic(G%[1]d, int: G%[1]d, default: G%[1]d)\n") + body("return G30;"), limit, "", true},
		{"_Static_assert", each(50_000, "_Static_assert(%[1]d * 2 == %[1]d + %[1]d, \"\");\n") + plain, runs, "", false},
		{"_Static_assert that fails", each(50_000, "_Static_assert(%[1]d == -1, \"no\");\n") + plain, rejected, "static assertion failed", false},
		{"enumerators", "enum { e0," + each(50_000, "e%[2]d = e%[1]d * 2 %% 7,\n") + "};" + plain, runs, "", false},
		{"_BitInt", "_BitInt(8388608) x = 1, y;\n" + body("y = x * x / (x + c);"), "", "", true},
		{"inlined, doubled", "static inline __attribute__((always_inline)) int f0(int x) { return x * x + 1; }\n" + each(30, "static inline __attribute__((always_inline)) int f%[2]d(int x) { return f%[1]d(x) + f%[1]d(x + 1); }\n") + body("return f30(c);"), limit, "", true},
		{"unrolled", "volatile int x;\n" + body("#pragma clang loop unroll(full)\nfor (int i = 0; i < 1000000; i++) x++;"), "", "", true},
		{"a vector", "typedef int v __attribute__((vector_size(1 << 20)));\nv a, b;\n" + body("a = a * b + a / b; return a[1];"), "", "", true},

		{"parentheses", "int x = " + pairs(100_000, "(", "1", ")") + ";" + plain, rejected, "bracket nesting level", false},
		{"blocks", body(pairs(100_000, "{", "", "}")), rejected, "bracket nesting level", false},
		{"loops, 200", body(pairs(200, "for (; c;) {", "c--;", "}")), "", "", false},
		{"loops, 2,000", body(pairs(2000, "for (; c < 100;) {", "c++;", "}")), "", "", true},
		{"stars", "int " + strings.Repeat("*", 200_000) + "p;" + plain, "", "", false},
		{"pointers to functions", "int " + pairs(20_000, "(*", "f", ")(void)") + ";" + plain, "", "", false},
		{"calls", "int f(int x) { return x; }\n" + body("return "+pairs(20_000, "f(", "1", ")")+";"), "", "", false},
		{"a sum", body("return c" + strings.Repeat("+c", 200_000) + ";"), "", "", false},
		{"conditions", body("return " + strings.Repeat("c ? 1 : ", 50_000) + "0;"), "", "", false},
		{"an else after another", body(strings.Repeat("if (c == 1) c++; else ", 50_000) + "c--;"), "", "", false},
		{"types of types", "int x0;\n" + each(5000, "__typeof__(x%[1]d) *x%[2]d;\n") + plain, "", "", false},
		{"structs, doubled", "struct s0 { int a, b; };\n" + each(60, "struct s%[2]d { struct s%[1]d a, b; };\n") + plain, rejected, "", false},
		{"a struct in itself", "struct s { struct s a; } x;" + plain, rejected, "incomplete type", false},

		{"an array that is written down", "static int a[1 << 29] = {1};\n" + body("return a[c];"), limit, "to compile it takes more than", false},
		{"an array of 1 GiB", "static char a[1 << 30];\n" + body("a[c] = 1; return a[c + 1];"), "", "", false},
		{"an array of 3 GiB", "static char a[3u << 30];\n" + body("a[c] = 1; return a[c + 1];"), "", "", false},
		{"an array of 40 MiB in the module", "char a[40 << 20] = {1, [(40 << 20) - 1] = 2};\n" + body("return a[c];"), limit, "", false},
		{"a range", "int a[1000][1000][1000] = {[0 ... 999] = {[0 ... 999] = {[0 ... 999] = 1}}};" + plain, limit, "", true},
		{"a copy of 200 MiB", "struct s { char a[200 << 20]; };\nstruct s x, y;\n" + body("x = y; return x.a[1];"), "", "", false},
		{"an alignment", "_Alignas(1 << 28) char x;\n" + body("return x;"), "", "", false},
		{"an alignment beyond all", "__attribute__((aligned(1ull << 40))) char x;\n" + body("return x;"), "", "", false},
		{"a stack of any size", body("char a[c * 1000000000]; a[0] = 1; return a[c];"), "", "", false},
		{"a switch", body("switch (c) {\n" + each(50_000, "case %[1]d: return v[%[1]d][0];\n") + "}"), "", "", true},
		{"a switch over a range", body("switch (c) { case 5 ... 2000000000: return 1; }"), "", "", false},
		{"functions", each(50_000, "int f%[1]d(int a) { return a + %[1]d; }\n") + plain, "", "", true},
		{"variables", body("int " + strings.TrimSuffix(each(3000, "v%[1]d = %[1]d,"), ",") + ";\nwhile (v[c]) {" + each(3000, "if (c == %[1]d) v%[1]d++;\n") + "}\nreturn 0" + each(3000, " + v%[1]d") + ";"), "", "", true},
		{"a long text", "const char *s = \"" + strings.Repeat("x", 3<<20) + "\";" + plain, runs, "", false},
		{"a text in parts", "const char *s = " + strings.Repeat("\"x\" ", 300_000) + ";" + plain, runs, "", false},
		{"a long name", "int " + strings.Repeat("x", 1<<20) + ";" + plain, "", "", false},
		{"a line of 4 MiB", "/*" + strings.Repeat("x", 4<<20-100) + "*/" + plain, runs, "", false},
		{"more than may be", "/*" + strings.Repeat("x", 4<<20) + "*/" + plain, limit, "it has more than 4194304 bytes", false},
		{"many mistakes", body(each(100_000, "x%[1]d;\n")), rejected, "undeclared identifier", false},
		{"many words", strings.Repeat("#pragma message \"no\"\n", 100_000) + "x" + plain, rejected, "", true},

		{"itself", "#include __FILE__\n" + plain, rejected, "", false},
		{"itself, for ever", "#include \"main.c\"\n#include \"main.c\"\n" + plain, rejected, "", false},
		{"a device without end", "#include \"/dev/zero\"\n" + plain, rejected, "/dev/zero", false},
		{"standard input", "#include \"/dev/stdin\"\n" + plain, runs, "", false},
		{"its own variables", "#include \"/proc/self/environ\"\n" + plain, rejected, "/proc/self/environ", false},
		{"its own memory", "#include \"/proc/self/mem\"\n" + plain, rejected, "", false},
		{"a folder", "#include \"/\"\n" + plain, rejected, "", false},
		{"a device, embedded", "static const unsigned char r[] = {\n#embed \"/dev/zero\" limit(1000000000)\n};" + plain, rejected, "", false},
		{"a device, by the assembler", "__asm__(\".incbin \\\"/dev/zero\\\"\");" + plain, "", "", false},
		{"a file, by the assembler", "__asm__(\".incbin \\\"/etc/passwd\\\"\");" + plain, "", "", false},
		{"a repetition, by the assembler", "__asm__(\".rept 1000000000\\n.byte 1\\n.endr\");" + plain, limit, "", true},
		{"a section with an odd name", "__attribute__((section(\"a\\nb\\x1b[31m\"))) int x = 1;" + plain, "", "", false},
		{"an export of the start", "__attribute__((export_name(\"_start\"))) void g(void) {}" + plain, "", "", false},
		{"an import of nobody's", "__attribute__((import_module(\"env\"), import_name(\"system\"))) int g(int);\n" + body("return g(1);"), rejected, "env", false},
		{"an exit of its own", "void _Exit(int x) { for (;;) {} }" + plain, "", "", false},
		{"no main", "int x;\n", runtimes.Exception, "unreachable", false},
		{"another file's lines", "#line 2147483647 \"\x1b[31mred\x07\"\nint main(void) { x; }\n", rejected, "", false},
		{"zeros", strings.Repeat("\x00", 1<<20), "", "", false},
		{"bytes that are no text", body("char *s = \"\xff\xfe\"; return s[c];"), "", "", false},
		{"a byte order mark", "\ufeff" + plain, runs, "", false},
		{"nothing", "", "", "", false},
		{"a comment without an end", "/* " + strings.Repeat("*", 1<<20), rejected, "", false},
		{"options of the linker's", "#pragma comment(linker, \"--export-all\")\n#pragma comment(lib, \"/etc/passwd\")\n" + plain, "", "", false},
		{"a module", "#pragma clang module import std\n" + plain, "", "", false},
	} {
		if c.slow && !slow {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			begun := time.Now()
			o, err := w.Run(t.Context(), &runtimes.Job{
				Language: "c", Mode: runtimes.ModeMain, Program: runtimes.Program{Source: c.text, Name: "main.c"},
				Limits: runtimes.Limits{LoadFuel: 1e9, MemoryBytes: 64 << 20},
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			said := o.Detail
			if o.Exception != nil {
				said = o.Exception.Message
			}
			t.Logf("%s: %.200q, %.1f s", o.Kind, said, time.Since(begun).Seconds())
			if c.kind != "" && o.Kind != c.kind || !strings.Contains(said, c.says) {
				t.Errorf("want %s, %s", c.kind, c.says)
			}
		})
	}
}
