package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/testkit"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python/pythontest"
)

// row is an answer, and the program that a rule finds in it.
type row struct {
	Name    string `json:"name"`
	Text    string `json:"text"`
	Entry   string `json:"entry"`
	Prompt  string `json:"prompt"`
	Program string `json:"program"`
	Why     string `json:"why"`   // of Best: what is wrong with the program
	Tests   string `json:"tests"` // of Pairs
}

// rowsOf parses JSON lines.
func rowsOf(t *testing.T, name string, text []byte) []row {
	t.Helper()
	r, err := jsonl.NewReader(name, bytes.NewReader(text), jsonl.Bounds{})
	if err != nil {
		t.Fatal(err)
	}
	var out []row
	for {
		line, _, err := r.Next()
		if err != nil {
			return out
		}
		var one row
		if err := json.Unmarshal(line, &one); err != nil {
			t.Fatal(err)
		}
		out = append(out, one)
	}
}

// answers is the table of awkward ones, with evalplus's own programs.
func answers(t *testing.T) []row { return table(t, "answers.jsonl", 40) }

// table reads one of testdata's, of so many rows or more.
func table(t *testing.T, name string, least int) []row {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, name, text)
	if len(rows) < least {
		t.Fatalf("%s: %d rows", name, len(rows))
	}
	return rows
}

func compare(t *testing.T, want []row, got []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d programs of %d answers", len(got), len(want))
	}
	for i, w := range want {
		if got[i] != w.Program {
			t.Errorf("%s: %q\nwant %q\ngot  %q", w.Name, w.Text, w.Program, got[i])
		}
	}
}

// script runs one of testdata's on rows.
func script(t *testing.T, python string, rows []row, args ...string) []row {
	t.Helper()
	var in bytes.Buffer
	for _, r := range rows {
		if err := json.NewEncoder(&in).Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(python, args...)
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return rowsOf(t, args[0], out)
}

func programs(rows []row) (out []string) {
	for _, r := range rows {
		out = append(out, r.Program)
	}
	return out
}

// TestNatively holds the extraction to evalplus's programs, on this machine's
// Python.
func TestNatively(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on this machine")
	}
	rows := answers(t)
	compare(t, rows, programs(script(t, python, rows, filepath.Join("testdata", "native.py"), "sanitize.py")))
}

// TestBest: of answers in the styles of today's models a person's choice is taken,
// on this machine's Python and in the sandbox. TestPairs is the same for programs
// with their tests.
func TestBest(t *testing.T) {
	rows := table(t, "best.jsonl", 200)
	same := func(where string, got []row) {
		t.Helper()
		for i, w := range rows {
			if got[i].Program != w.Program || got[i].Why != w.Why {
				t.Errorf("%s: %s: %q\nwant %q %q\ngot  %q %q", where, w.Name, w.Text, w.Program, w.Why, got[i].Program, got[i].Why)
			}
		}
	}
	if python, err := exec.LookPath("python3"); err == nil {
		same("natively", script(t, python, rows, filepath.Join("testdata", "native.py"), "best.py"))
	}
	in := make([]Answer, len(rows))
	for i, r := range rows {
		in[i] = Answer{Text: r.Text, Entry: r.Entry, Prompt: r.Prompt, Rule: Best}
	}
	found, err := All(t.Context(), pythontest.Open(t), in)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]row, len(rows))
	for i, p := range found {
		got[i] = row{Program: p.Source, Why: p.Wrong}
		if p.Why != "" {
			t.Errorf("gave up on %s: %s", rows[i].Name, p.Why)
		}
	}
	same("in the sandbox", got)
}

func TestPairs(t *testing.T) {
	rows := table(t, "pairs.jsonl", 30)
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = r.Text
	}
	found, err := Pairs(t.Context(), pythontest.Open(t), texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range rows {
		if found[i] != (Pair{w.Program, w.Tests}) {
			t.Errorf("%s: %q\nwant %q and %q\ngot  %q and %q", w.Name, w.Text, w.Program, w.Tests, found[i].Program, found[i].Tests)
		}
	}
}

// The rules that need no parsing. Those of lcb_runner are held to its own code,
// extract_code of lcb_runner/utils/extraction_utils.py, read on 2026-11-30.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		rule       Rule
		text, want string
	}{
		{LCB, "a\n```python\nx = 1\n```\nb\n```\ny = 2\n```\n", "y = 2"},
		{LCB, "```python\nx = 1\n```", "x = 1"},
		{LCB, "```python\nx = 1\n```\nRun `a` and ```b```.\n", "Run `a` and ```b```."[:0]},
		{LCB, "```python\nx = 1", ""},
		{LCB, "x = 1", ""},
		{LCB, "", ""},
		{Last, "```python\nx = 1\n```\n```\ny = 2", "y = 2"},
		{Last, "```python\nx = 1\n```\n```\ny = 2\n```\n", "y = 2"},
		{Last, "x = 1", ""},
		{Whole, " x = 1\n\n", "x = 1"},
	} {
		found, err := All(t.Context(), nil, []Answer{{Text: c.text, Rule: c.rule}})
		if err != nil || found[0].Source != c.want {
			t.Errorf("%s: %q: got %q, want %q (%v)", c.rule, c.text, found[0].Source, c.want, err)
		}
	}
	if _, err := ParseRule("first"); err == nil || !strings.Contains(err.Error(), "best, evalplus, lcb, last and whole") {
		t.Errorf("got %v", err)
	}
	for _, r := range Rules {
		if got, err := ParseRule(string(r)); err != nil || got != r {
			t.Errorf("%s: %s, %v", r, got, err)
		}
	}
}

// TestEvalplus holds the extraction to evalplus itself, on answers of a model,
// cut, wrapped and damaged: with ASSAY_PEERS=1, by the Python of the
// environment ASSAY_PEERS_VENV.
func TestEvalplus(t *testing.T) {
	venv := os.Getenv("ASSAY_PEERS_VENV")
	if os.Getenv("ASSAY_PEERS") == "" || venv == "" {
		t.Skip("not held to evalplus: set ASSAY_PEERS=1, and ASSAY_PEERS_VENV to an environment with evalplus 0.3.1")
	}
	python := filepath.Join(venv, "bin", "python")
	var rows []row
	dice := rand.New(rand.NewPCG(7, 11))
	for _, r := range published(t) {
		text := damaged(dice, r.Text)
		if strings.Count(text, "\n") < 60 { // evalplus takes long over more
			rows = append(rows, row{Text: text, Entry: r.Entry})
		}
	}
	want := script(t, python, rows, filepath.Join("testdata", "oracle.py"))
	got := script(t, python, rows, filepath.Join("testdata", "native.py"), "sanitize.py")
	compare(t, want, programs(got))
}

// published are the samples of Qwen2.5-Coder-7B for HumanEval and MBPP.
func published(t *testing.T) []row {
	t.Helper()
	var out []row
	for _, suite := range []string{"humaneval", "mbpp"} {
		f, err := os.Open(filepath.Join(testkit.Samples(t, suite), "generated.jsonl.gz"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r, err := jsonl.NewReader(suite, f, jsonl.Bounds{})
		if err != nil {
			t.Fatal(err)
		}
		for {
			line, _, err := r.Next()
			if err != nil {
				break
			}
			var sample struct{ Solution, Completion string }
			if err := json.Unmarshal(line, &sample); err != nil {
				t.Fatal(err)
			}
			text := sample.Solution + sample.Completion
			_, after, _ := strings.Cut(text, "def ")
			entry, _, _ := strings.Cut(after, "(")
			out = append(out, row{Text: text, Entry: entry})
		}
	}
	return out
}

// damaged does to an answer what models do.
func damaged(dice *rand.Rand, text string) string {
	lines := strings.Split(text, "\n")
	switch dice.IntN(6) {
	case 0:
		return "Here's what you want:\n\n```python\n" + text + "\n```\n\nIt's “fast”."
	case 1:
		return text[:dice.IntN(len(text)+1)] + "\nx = [1,"
	case 2:
		return "```\n" + strings.Join(lines[:len(lines)/2], "\n") + "\n```\nThen:\n```\n" + text
	case 3:
		return strings.ReplaceAll(text, "    ", "\t")
	case 4:
		return strings.ReplaceAll(text, "\n", "\r\n")
	}
	odd := []string{"# a comment", "    # in", "@deco", "'''doc", "a, b = c", "class K:\n    y = 2\n        # odd", "é = 'ü'  # ñ"}
	at := dice.IntN(len(lines))
	return strings.Join(append(append(append([]string{}, lines[:at]...), odd[dice.IntN(len(odd))]), lines[at:]...), "\n")
}

// TestSandbox does the same in the sandbox, and bounds what is too much.
func TestSandbox(t *testing.T) {
	rt := pythontest.Open(t)
	rows := answers(t)
	var in []Answer
	for _, r := range rows {
		in = append(in, Answer{Text: r.Text, Entry: r.Entry, Rule: Evalplus})
	}
	found, err := All(t.Context(), rt, in)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range found {
		got = append(got, p.Source)
		if p.Why != "" {
			t.Errorf("gave up on %q: %s", p.Source, p.Why)
		}
	}
	compare(t, rows, got)
}

// fake answers with the text itself, and ends where its end says.
type fake struct {
	end   func(text string) runtimes.Kind
	calls int
}

func (f *fake) Run(ctx context.Context, job *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	f.calls++
	answer := pythontest.Func(func(args value.Tuple) (value.Value, runtimes.Kind) {
		return args[0], f.end(string(args[0].(value.Str)))
	})
	return answer.Run(ctx, job, emit)
}

// An answer that is too much is left as it is, and the others are done.
func TestTooMuch(t *testing.T) {
	f := &fake{end: func(text string) runtimes.Kind {
		if strings.HasPrefix(text, "big") {
			return runtimes.OutOfFuel
		}
		return runtimes.OK
	}}
	found, err := All(t.Context(), f, []Answer{{Text: "big 1", Rule: Evalplus}, {Text: "a", Rule: Evalplus}, {Text: "big 2", Rule: Evalplus}, {Text: "big 3", Rule: Evalplus}, {Text: "b", Rule: Evalplus}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Program{{"big 1", "out_of_fuel", ""}, {Source: "a"}, {"big 2", "out_of_fuel", ""}, {"big 3", "out_of_fuel", ""}, {Source: "b"}}
	for i, p := range found {
		if p != want[i] {
			t.Errorf("%d: got %v, want %v", i, p, want[i])
		}
	}
	if f.calls != 4 {
		t.Errorf("%d runs", f.calls)
	}
}

// When nothing can be extracted at all, it is no answer's fault.
func TestBroken(t *testing.T) {
	f := &fake{end: func(string) runtimes.Kind { return runtimes.Trap }}
	if _, err := All(t.Context(), f, []Answer{{Text: "a", Rule: Evalplus}}); err == nil || !strings.Contains(err.Error(), "does not start: trap") {
		t.Errorf("got %v", err)
	}
	if _, err := All(t.Context(), broken{}, []Answer{{Text: "a", Rule: Evalplus}}); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Run(context.Context, *runtimes.Job, func(runtimes.Result) bool) (runtimes.Outcome, error) {
	return runtimes.Outcome{}, errBroken
}
