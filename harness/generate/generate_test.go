package generate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/extract"
	"github.com/assay-dev/assay/harness/model"

	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python/pythontest"
)

// echo takes the program out of an answer by putting its entry point before it.
func echo(args value.Tuple) (value.Value, runtimes.Kind) {
	return "# " + args[1].(value.Str) + "\n" + args[0].(value.Str), runtimes.OK
}

// writer answers after a while that depends on the sample, as fail allows.
type writer struct {
	fail func(r model.Request) error
	mu   sync.Mutex
	sent map[string]int
}

func (w *writer) Identity() string { return "test:writer" }

func (w *writer) Complete(ctx context.Context, r model.Request) (model.Answer, error) {
	w.mu.Lock()
	if w.sent == nil {
		w.sent = map[string]int{}
	}
	for i := range r.N {
		w.sent[fmt.Sprintf("%s#%d", r.Task, r.Index+i)]++
	}
	w.mu.Unlock()
	select {
	case <-time.After(time.Duration(1+len(r.Task)*7%5+r.Index*13%11) * time.Millisecond):
	case <-ctx.Done():
		return model.Answer{}, ctx.Err()
	}
	if w.fail != nil {
		if err := w.fail(r); err != nil {
			return model.Answer{}, err
		}
	}
	var a model.Answer
	for i := range r.N {
		finish := model.Stop
		if r.Index+i == 1 {
			finish = model.Length
		}
		a.Texts = append(a.Texts, model.Text{Text: fmt.Sprintf("\treturn <%d>\nprint(1)", r.Index+i), Finish: finish})
	}
	a.Usage = model.Usage{PromptTokens: 3, CompletionTokens: 5}
	return a, nil
}

// suite has so many tasks.
func suite(n int) *benchmarks.Suite {
	s := &benchmarks.Suite{Name: "humaneval", Version: "v1"}
	for i := range n {
		s.Problems = append(s.Problems, &benchmarks.Problem{
			ID: fmt.Sprintf("HumanEval/%d", i), Prompt: fmt.Sprintf("\ndef f%d():\n    \"\"\"é\"\"\"\n\n", i), EntryPoint: fmt.Sprint("f", i),
		})
	}
	return s
}

// generated runs in dir, and gives both files.
func generated(t *testing.T, ctx context.Context, dir string, w *writer, change func(*Config)) (*Summary, string, error) {
	t.Helper()
	out := filepath.Join(dir, "s.jsonl")
	log, err := model.OpenLog(LogPath(out), w.Identity(), false)
	if err != nil {
		t.Fatal(err)
	}
	s := suite(20)
	c := Config{
		Suite: s, Problems: s.Problems, Out: out, Runtime: pythontest.Func(echo), Workers: 2,
		Options: Options{Style: Base, Model: "m", N: 5, Temperature: 0.8},
		Client:  model.New(model.Config{Backend: w, Log: log, Concurrency: 4, Attempts: 2}),
	}
	if change != nil {
		change(&c)
	}
	summary, err := Run(ctx, c)
	if closed := log.Close(); closed != nil {
		t.Fatal(closed)
	}
	clean, _ := os.ReadFile(out)
	raw, _ := os.ReadFile(rawPath(out))
	return summary, string(clean) + string(raw), err
}

// The files are the same however the answers came: one at a time, in batches,
// after failures, in two runs.
func TestSameBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{}
		summary, want, err := generated(t, t.Context(), t.TempDir(), w, nil)
		if err != nil {
			t.Fatal(err)
		}
		if summary.Samples != 100 || summary.Cut != 20 || summary.Requests != 100 || len(summary.Missing) != 0 || summary.Usage.PromptTokens != 300 {
			t.Errorf("summary %+v", summary)
		}
		lines := strings.Split(want, "\n")
		first := `{"task_id":"HumanEval/0","sample":0,"extract":"evalplus","solution":"# f0\ndef f0():\n    \"\"\"é\"\"\"\n    return <0>"}`
		if lines[0] != first || lines[100] != strings.Replace(strings.Replace(first, `# f0\n`, "", 1), `"extract":"evalplus",`, "", 1) || !strings.HasPrefix(lines[99], `{"task_id":"HumanEval/19","sample":4,`) {
			t.Errorf("rows %s\n%s\n%s", lines[0], lines[99], lines[100])
		}

		flaky := &writer{}
		once := map[string]bool{}
		flaky.fail = func(r model.Request) error {
			flaky.mu.Lock()
			defer flaky.mu.Unlock()
			if name := fmt.Sprint(r.Task, r.Index); r.Index%2 == 1 && !once[name] {
				once[name] = true
				return model.Errorf(model.Broken, "cut off")
			}
			return nil
		}
		for name, run := range map[string]struct {
			w      *writer
			change func(*Config)
		}{
			"batches": {&writer{}, func(c *Config) { c.Batch = 3 }},
			"flaky":   {flaky, nil},
			"workers": {&writer{}, func(c *Config) { c.Workers = 7 }},
		} {
			if _, got, err := generated(t, t.Context(), t.TempDir(), run.w, run.change); err != nil || got != want {
				t.Errorf("%s: other bytes, %v", name, err)
			}
		}
	})
}

// A run that is interrupted keeps what it has; the next one asks for the rest.
func TestInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, want, err := generated(t, t.Context(), t.TempDir(), &writer{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		dir, w := t.TempDir(), &writer{}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(40*time.Millisecond, cancel)
		_, _, err = generated(t, ctx, dir, w, nil)
		var stop *interrupted
		if !errors.As(err, &stop) || stop.Done == 0 || stop.Done == stop.Total || stop.Total != 100 {
			t.Fatalf("got %v", err)
		}
		if _, err := os.Stat(filepath.Join(dir, "s.jsonl")); err == nil {
			t.Error("half a file was written")
		}
		known := 0
		summary, got, err := generated(t, t.Context(), dir, w, func(c *Config) {
			c.Progress = func(e progress.Event) { known = max(known, int(e.Known)) }
		})
		if err != nil || got != want || known != stop.Done || summary.Requests != int64(100-stop.Done) {
			t.Errorf("other bytes, or %d known after %d, %d sent: %v", known, stop.Done, summary.Requests, err)
		}
		for name, n := range w.sent {
			if n != 1 {
				t.Errorf("%s was asked for %d times", name, n)
			}
		}
	})
}

// Samples without an answer are told, and left out only when that was asked for.
func TestMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{fail: func(r model.Request) error {
			if r.Task == "HumanEval/7" && r.Index == 2 {
				return model.Errorf(model.Refused, "too long")
			}
			return nil
		}}
		dir := t.TempDir()
		_, _, err := generated(t, t.Context(), dir, w, nil)
		if err == nil || !strings.Contains(err.Error(), "1 of 100 samples have no answer, the first one because of HumanEval/7#2: too long") || !strings.Contains(err.Error(), "--partial") {
			t.Errorf("got %v", err)
		}
		summary, got, err := generated(t, t.Context(), dir, w, func(c *Config) { c.Partial = true })
		if err != nil || summary.Samples != 99 || len(summary.Missing) != 1 || summary.Missing[0] != "HumanEval/7#2" || strings.Count(got, "\n") != 198 {
			t.Errorf("got %+v, %v", summary, err)
		}
		if n := summary.Requests; n != 1 {
			t.Errorf("%d requests for one sample", n)
		}
	})
}

func TestStops(t *testing.T) {
	p := &benchmarks.Problem{ID: "Mbpp/2", Prompt: "\"\"\"\nx\n\"\"\"\n"}
	for _, tt := range []struct {
		suite, style, text, want string
	}{
		{"mbpp+", "base", "def f():\n\treturn 1\n\"\"\"\nmore", "\"\"\"\nx\n\"\"\"\ndef f():\n    return 1"},
		{"mbpp+", "base", "def f(): pass\ndef g(): pass\nassert f()", "\"\"\"\nx\n\"\"\"\ndef f(): pass\ndef g(): pass"},
		{"humaneval+", "base", "    return 1\n\ndef g():\nprint(2)", "\"\"\"\nx\n\"\"\"\n    return 1\n"},
		{"starter", "base", "    return 1<|endoftext|>", "\"\"\"\nx\n\"\"\"\n    return 1"},
		{"mbpp+", "instruct", "```\nx\n\"\"\"\n```", "```\nx\n\"\"\"\n```"},
	} {
		style, err := ParseStyle(tt.style)
		if err != nil {
			t.Fatal(err)
		}
		r := model.Request{Task: p.ID, N: 1}
		style.Put(tt.suite, p, &r)
		if got := style.Answer("", r, p, tt.text).Text; got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.suite, tt.style, got, tt.want)
		}
	}
	if _, err := ParseStyle("chat"); err == nil {
		t.Error("chat is a style")
	}
}

// The prompts are evalplus 0.3.1's, letter by letter.
func TestPrompts(t *testing.T) {
	p := &benchmarks.Problem{ID: "HumanEval/0", Prompt: "\n\ndef f():\n    \"\"\"doc\"\"\"\n\n"}
	var r model.Request
	Base.Put("humaneval", p, &r)
	if r.Prompt != "def f():\n    \"\"\"doc\"\"\"\n" || r.Messages != nil || len(r.Stop) != 11 {
		t.Errorf("base: %+v", r)
	}
	r = model.Request{}
	Instruct.Put("humaneval", p, &r)
	text, err := json.Marshal(r.Messages)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"role":"system","content":"You are a helpful assistant good at coding."},{"role":"user","content":` +
		`"Please provide a self-contained Python script that solves the following problem in a markdown code block:\n` +
		"```python\\ndef f():\\n    \\\"\\\"\\\"doc\\\"\\\"\\\"\\n```\"}]"
	if string(text) != want || r.Prompt != "" || r.Stop != nil {
		t.Errorf("instruct: %s\nwant %s", text, want)
	}
}

// The prompts of BigCodeBench's two splits are its own, letter by letter: in a chat
// without words to the system, and as they are to go on with.
func TestSplits(t *testing.T) {
	p := &benchmarks.Problem{ID: "BigCodeBench/0", Prompt: "import os\ndef task_func():\n    \"\"\"doc\"\"\"\n", Instruct: "Do it.\n"}
	const ask = "Please provide a self-contained Python script that solves the following problem in a markdown code block:\n"
	for _, tt := range []struct {
		style        Style
		split        string
		prompt, chat string
	}{
		{Base, "complete", "import os\ndef task_func():\n    \"\"\"doc\"\"\"\n", ""},
		{Base, "instruct", "Do it.\n", ""},
		{Instruct, "complete", "", ask + "```\nimport os\ndef task_func():\n    \"\"\"doc\"\"\"\n```\n"},
		{Instruct, "instruct", "", ask + "Do it.\n"},
	} {
		split, err := parseSplit(tt.split)
		if err != nil {
			t.Fatal(err)
		}
		var r model.Request
		tt.style.Put("bigcodebench", split.Of(p), &r)
		chat := ""
		if len(r.Messages) == 1 && r.Messages[0].Role == model.User {
			chat = r.Messages[0].Content
		}
		if r.Prompt != tt.prompt || chat != tt.chat {
			t.Errorf("%s, %s: prompt %q, messages %+v", tt.style, tt.split, r.Prompt, r.Messages)
		}
	}
	if _, err := parseSplit("full"); err == nil {
		t.Error("full is a split")
	}
	if plain := (&benchmarks.Problem{Prompt: "x"}); Instruction.Of(plain) != plain {
		t.Error("a problem without another text is another")
	}
}

// follower counts what it is told.
type follower struct {
	t      *testing.T
	client *model.Client

	mu      sync.Mutex
	told    []string
	early   int
	over    bool
	written []string
}

func (f *follower) Answered(p *benchmarks.Problem, index int, program func(context.Context) (string, error)) {
	source, err := program(f.t.Context())
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil || f.over {
		f.t.Errorf("told after all was asked: %t; %v", f.over, err)
	}
	f.told = append(f.told, fmt.Sprintf("%s#%d %s", p.ID, index, source))
	if f.client.Stats().Sent < 90 {
		f.early++
	}
}

func (f *follower) Asked() { f.over = true }

func (f *follower) Written(p *benchmarks.Problem, row Row) {
	f.written = append(f.written, fmt.Sprintf("%s#%d %s", p.ID, row.Sample, row.Solution))
}

func (f *follower) Detail() string { return "" }

// Answers are told as they come, while others are still awaited; after an
// interruption those from before come first. What is written then are the same
// programs, in the suite's order.
func TestAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, w := t.TempDir(), &writer{}
		f := &follower{t: t}
		change := func(c *Config) { c.Following, f.client = f, c.Client }
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(40*time.Millisecond, cancel)
		if _, _, err := generated(t, ctx, dir, w, change); err == nil {
			t.Fatal("it was not interrupted")
		}
		before := f.told
		f = &follower{t: t}
		if _, _, err := generated(t, t.Context(), dir, w, change); err != nil {
			t.Fatal(err)
		}
		slices.Sort(before)
		first := slices.Clone(f.told[:min(len(before), len(f.told))])
		slices.Sort(first)
		if len(f.told) != 100 || f.early < 20 || !f.over || !slices.Equal(before, first) {
			t.Errorf("told of %d answers, %d of them early; before %v, then first %v", len(f.told), f.early, before, first)
		}
		if !strings.HasPrefix(f.written[1], "HumanEval/0#1 ") {
			t.Errorf("written in another order: %v", f.written[:3])
		}
		slices.Sort(f.told)
		if slices.Sort(f.written); !slices.Equal(f.told, f.written) {
			t.Errorf("told of %v, and wrote %v", f.told, f.written)
		}
	})
}

// What lcb_runner asks is asked letter by letter, and the program taken out of
// the answer as it does.
func TestTold(t *testing.T) {
	p := &benchmarks.Problem{ID: "abc1_a", Statement: "Add.", Prompt: ""}
	method := &benchmarks.Problem{ID: "2777", Statement: "Count.", EntryPoint: "f", Contest: benchmarks.Contest{Starter: "class Solution:\n    def f(self):\n        "}}
	const system = "You are an expert Python programmer. You will be given a question (problem specification) and will generate a correct Python program that matches the specification and passes all tests. You will NOT return anything except for the program."
	for _, c := range []struct {
		style Style
		p     *benchmarks.Problem
		want  string // of the user's message, or the prompt
	}{
		{Instruct, p, "### Question:\nAdd.\n\n### Format: Read the inputs from stdin solve the problem and write the answer to stdout (do not directly test on the sample inputs). Enclose your code within delimiters as follows.\n```python\n# YOUR CODE HERE\n```\n\n### Answer: (use the provided format with backticks)\n\n"},
		{Instruct, method, "### Question:\nCount.\n\n### Format: You will use the following starter code to write the solution to the problem and enclose your code within delimiters.\n```python\nclass Solution:\n    def f(self):\n        \n```\n\n### Answer: (use the provided format with backticks)\n\n"},
		{Base, p, "### Question\nAdd.\n\n### Answer\n\n"},
		{Base, method, "### Question\nCount.\n\n### Starter Code\nclass Solution:\n    def f(self):\n        \n\n### Answer\n\n"},
	} {
		var r model.Request
		c.style.Put("livecodebench", c.p, &r)
		got := r.Prompt
		if c.style == Instruct {
			if len(r.Messages) != 2 || r.Messages[0].Content != system || r.Stop != nil {
				t.Fatalf("asked %+v", r)
			}
			got = r.Messages[1].Content
		} else if !slices.Equal(r.Stop, []string{"###"}) {
			t.Errorf("stops at %q", r.Stop)
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.style, got, c.want)
		}
	}
	for _, c := range []struct {
		style        Style
		answer, want string
	}{
		{Instruct, "Sure.\n```python\nprint(1)\n\nprint(2)\n```\nand\n```\nprint(3)\n```", "print(3)"},
		{Instruct, "  ```py\nprint(1)\n text ``` text\nmore", "print(1)"},
		{Instruct, "```\n```", ""},
		{Instruct, "```python\nprint(1)\n", ""},
		{Instruct, "print(1)", ""},
		{Base, "\n\nprint(1)\n\tpass\n### Question\nmore", "print(1)\n\tpass"},
	} {
		var r model.Request
		c.style.Put("livecodebench", p, &r)
		programs, err := extract.All(t.Context(), nil, []extract.Answer{c.style.Answer("", r, p, c.answer)})
		if err != nil || programs[0].Source != c.want {
			t.Errorf("%s %q: %q, %v, want %q", c.style, c.answer, programs[0].Source, err, c.want)
		}
	}
}
