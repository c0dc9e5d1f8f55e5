package golang_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/assay-dev/assay/plugins/contract"
	"github.com/assay-dev/assay/plugins/contract/contracttest"
	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/golang"
	"github.com/assay-dev/assay/runtimes/worker"
)

// open makes Go ready, and a worker for its programs.
func open(t *testing.T) (*golang.Golang, *worker.Worker) {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command in PATH")
	}
	g := golang.New()
	w := worker.New(worker.Config{
		Setup:     worker.Setup{Engine: os.Getenv("ASSAY_ENGINE")},
		Languages: func(context.Context, string) (language.Language, func(), error) { return g, func() {}, nil },
	})
	t.Cleanup(func() { _ = w.Close() })
	if _, err := w.Ready(t.Context(), "go"); err != nil {
		t.Fatal(err)
	}
	return g, w
}

func TestContract(t *testing.T) {
	g, w := open(t)
	if err := contracttest.Failed(contract.RunRuntime(t.Context(), contract.RuntimeSubject{Language: g, Runner: w})); err != nil {
		t.Error(err)
	}
}

// ends runs programs.
func ends(t *testing.T, w *worker.Worker, texts ...string) []runtimes.Outcome {
	t.Helper()
	var all []runtimes.Outcome
	for _, text := range texts {
		o, err := w.Run(t.Context(), &runtimes.Job{
			Language: "go", Mode: runtimes.ModeMain, Program: runtimes.Program{Source: text, Name: "main.go"},
			Args: []string{"a b"}, Stdin: []byte("in"), Limits: runtimes.Limits{LoadFuel: 1e9, MemoryBytes: 64 << 20},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	return all
}

// TestRejected: whatever a source tries, it is rejected or runs in the sandbox;
// none is a fault of ours.
func TestRejected(t *testing.T) {
	_, w := open(t)
	for _, c := range []struct {
		name, text, message string
		line                int
	}{
		{"not main", "package other\n", "not package main", 0},
		{"no main", "package main\n", "function main is undeclared", 0},
		{"another type", "package main\n\nfunc main() {\n\tvar s string = 1\n\t_ = s\n}\n", "cannot use 1", 4},
		{"cgo", "package main\n\nimport \"C\"\n\nfunc main() {}\n", "could not import C", 3},
		{"a module", "package main\n\nimport _ \"example.com/x\"\n\nfunc main() {}\n", "could not import example.com/x", 3},
		{"inside", "package main\n\nimport _ \"internal/abi\"\n\nfunc main() {}\n", "could not import internal/abi", 3},
		{"a file", "package main\n\nimport _ \"embed\"\n\n//go:embed main.go\nvar text string\n\nfunc main() {}\n", "invalid go:embed", 5},
		{"another place", "package main\n\n//line /etc/passwd:3\nfunc main() { x }\n", "/etc/passwd:3: undefined: x", 0},
		{"a body elsewhere", "package main\n\nfunc f()\n\nfunc main() { f() }\n", "missing function body", 3},
		{"huge", "package main\n\nvar x = [1 << 40]byte{1: 1}\n\nfunc main() { println(x[0]) }\n", "symbol too large", 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := ends(t, w, c.text)[0]
			if o.Kind != runtimes.SyntaxError || !strings.Contains(o.Exception.Message, c.message) || o.Exception.Line != c.line {
				t.Errorf("%s %+v", o.Kind, o.Exception)
			}
		})
	}
}

// TestEnds: what Go's runtime says is read, and a success is never made of it.
func TestEnds(t *testing.T) {
	_, w := open(t)
	program := func(body string) string {
		return "package main\n\nimport (\n\t\"io\"\n\t\"os\"\n)\n\nvar _, _ = io.EOF, os.Args\n\nfunc main() {\n" + body + "\n}\n"
	}
	for _, c := range []struct {
		name, body string
		want       runtimes.Outcome
	}{
		{"input", `in, _ := io.ReadAll(os.Stdin); os.Stdout.WriteString(string(in) + "|" + os.Args[1])`, runtimes.Outcome{Kind: runtimes.OK, Detail: "0", Stdout: []byte(`in|a b`)}},
		{"exit", `os.Exit(3)`, runtimes.Outcome{Kind: runtimes.OK, Detail: "3"}},
		{"exit as the runtime does", `os.Exit(2)`, runtimes.Outcome{Kind: runtimes.OK, Detail: "2"}},
		{"words before a good end", `os.Stderr.WriteString("panic: no\n")`, runtimes.Outcome{Kind: runtimes.OK, Detail: "0"}},
		{"panic", `panic("so")`, runtimes.Outcome{Kind: runtimes.Exception, Exception: &runtimes.ExceptionInfo{Type: "panic", Message: "so", Line: 11}}},
		{"index", `println([]int{}[len(os.Args)])`, runtimes.Outcome{Kind: runtimes.Exception, Exception: &runtimes.ExceptionInfo{Type: "panic", Message: "runtime error: index out of range [2] with length 0", Line: 11}}},
		{"deadlock", `select {}`, runtimes.Outcome{Kind: runtimes.Exception, Exception: &runtimes.ExceptionInfo{Type: "fatal error", Message: "all goroutines are asleep - deadlock!", Line: 11}}},
		{"no file of the host", `_, err := os.ReadFile("/etc/passwd"); panic(err)`, runtimes.Outcome{Kind: runtimes.Exception, Exception: &runtimes.ExceptionInfo{Type: "panic", Message: "open /etc/passwd: No such file or directory", Line: 11}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := ends(t, w, program(c.body))[0]
			x := o.Exception
			if x != nil && strings.HasPrefix(x.Message, "&fs.PathError") { // how a panic prints an error
				x.Message = c.want.Exception.Message
			}
			if o.Kind != c.want.Kind || o.Detail != c.want.Detail || c.want.Stdout != nil && string(o.Stdout) != string(c.want.Stdout) {
				t.Errorf("%s %q %q %q", o.Kind, o.Detail, o.Stdout, o.Stderr)
			}
			if (x == nil) != (c.want.Exception == nil) || x != nil && *x != *c.want.Exception {
				t.Errorf("%+v, want %+v in %q", x, c.want.Exception, o.Stderr)
			}
		})
	}
}

// TestWrap: tests as go test has them become a command, and say what failed.
func TestWrap(t *testing.T) {
	g, w := open(t)
	prompt := "package add_test\n\nimport (\n\t\"testing\"\n)\n\n// add adds.\nfunc add(a, b int) int {\n"
	tests := "func TestAdd(t *testing.T) {\n\tif add(1, 2) != 3 {\n\t\tt.Error(\"no\")\n\t}\n}\n"
	var texts []string
	for _, completion := range []string{"\treturn a + b\n}", "\treturn a - b\n}", "\treturn a +\n}"} {
		s, err := g.Wrap(context.Background(), language.Problem{Name: "add", Prompt: prompt, Tests: tests}, completion)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(s.Text))
	}
	all := ends(t, w, texts...)
	if o := all[0]; o.Kind != runtimes.OK || o.Detail != "0" {
		t.Errorf("right: %s %q %q", o.Kind, o.Stdout, o.Stderr)
	}
	if o := all[1]; o.Kind != runtimes.Exception || *o.Exception != (runtimes.ExceptionInfo{Type: "test failure", Message: "TestAdd"}) {
		t.Errorf("wrong: %s %+v %q", o.Kind, o.Exception, o.Stdout)
	}
	if o := all[2]; o.Kind != runtimes.SyntaxError || o.Exception.Line != 10 {
		t.Errorf("no program: %s %+v", o.Kind, o.Exception)
	}
	own := "package main\n\nimport \"testing\"\n\nfunc TestX(*testing.T) {}\n\nfunc main() {}\n"
	if s, err := g.Wrap(context.Background(), language.Problem{}, own); err != nil || string(s.Text) != own+"\n" {
		t.Errorf("a program of its own became %q, %v", s.Text, err)
	}
}

// TestNotReady: without a go command, and before Prepare, that is said.
func TestNotReady(t *testing.T) {
	if _, err := golang.New().Compile(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "comes after Prepare") {
		t.Errorf("%v", err)
	}
	if _, err := exec.LookPath("go"); err == nil {
		t.Chdir(t.TempDir()) // where somebody wants a Go that isn't there
		if err := os.WriteFile("go.mod", []byte("module x\n\ngo 1.999\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if d, err := golang.New().Detect(t.Context()); err != nil || d.Missing != "" || d.Version == "" {
			t.Errorf("%+v %v", d, err)
		}
		for _, name := range []string{"HOME", "GOCACHE", "XDG_CACHE_HOME", "LocalAppData"} {
			t.Setenv(name, "")
		}
		if _, err := golang.New().Prepare(t.Context()); err == nil || !strings.Contains(err.Error(), "HOME or GOCACHE must say where") {
			t.Errorf("without a folder: %v", err)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if d, err := golang.New().Detect(t.Context()); err != nil || d.Missing != "there is no go command in PATH" || d.Install == "" {
		t.Errorf("%+v %v", d, err)
	}
	if _, err := golang.New().Prepare(t.Context()); err == nil {
		t.Error("it is prepared without a go command")
	}
}
