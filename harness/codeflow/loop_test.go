package codeflow

import (
	"fmt"
	"strings"
	"testing"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/generate"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/runtimes"
)

// way is a trace in short: verdict and held-out verdict of each step, * where it
// was chosen.
func way(t *Trace) string {
	var out []string
	for _, s := range t.Steps {
		text := fmt.Sprintf("%d:%s", s.Iteration, s.Verdict)
		if s.HeldOut != "" {
			text += "/" + string(s.HeldOut)
		}
		if s.Chosen {
			text += "*"
		}
		out = append(out, text)
	}
	return strings.Join(out, " ") + " " + string(t.Outcome) + t.Reason
}

func TestLoop(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answers []string
		change  func(*Options)
		want    string
	}{
		{"at once", []string{"pass"}, nil, "0:pass/pass* passed"},
		{"refined", []string{"unparsed", "wrong 2", "pass"}, nil, "0:syntax_error/syntax_error* 1:wrong_answer/wrong_answer* 2:pass/pass* passed"},
		{"never", []string{"wrong 1"}, nil, strings.TrimLeft(strings.Repeat("%:wrong_answer/wrong_answer* ", 4), " ") + "droppednever_passed"},
		{"the first attempt alone", []string{"wrong 1", "pass"}, func(o *Options) { o.Iterations = 0 }, "0:wrong_answer/wrong_answer* droppednever_passed"},
		{"what is held out does not count", []string{"plus 3", "pass"}, nil, "0:pass/wrong_answer* passed"},
		{"unless all is told", []string{"plus 3", "pass"}, func(o *Options) { o.Feedback = fromAll }, "0:wrong_answer* 1:pass* passed"},
		{"the best of three", []string{"raises 4", "wrong 4", "wrong 4", "unparsed", "pass", "pass"}, func(o *Options) { o.BestOf = 3 },
			"0:exception/exception 0:wrong_answer/wrong_answer* 0:wrong_answer/wrong_answer 1:syntax_error/syntax_error 1:pass/pass* 1:pass/pass passed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := &writer{answers: map[string][]string{"T/0": tt.answers}}
			traces, _, err := flow(t, t.Context(), t.TempDir(), w, problems(t, 1), func(c *Config) {
				if tt.change != nil {
					tt.change(&c.Options)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want
			for i := 0; strings.Contains(want, "%"); i++ {
				want = strings.Replace(want, "%", fmt.Sprint(i), 1)
			}
			if got := way(&traces[0]); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// The second question is the first one, the answer and what became of it. What
// is held out is in no question.
func TestChat(t *testing.T) {
	w := &writer{answers: map[string][]string{"T/0": {"raises 4", "wrong 2", "plus 0"}}}
	traces, _, err := flow(t, t.Context(), t.TempDir(), w, problems(t, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	first := w.asked[0].Messages
	for i, r := range w.asked {
		if want := []float64{0, 0.5, 0.5}[i]; r.Temperature != want || r.Index != i {
			t.Errorf("request %d: index %d, temperature %v", i, r.Index, r.Temperature)
		}
		text := fmt.Sprint(r.Messages)
		if !strings.HasPrefix(text, strings.TrimSuffix(fmt.Sprint(first), "]")) || strings.Contains(text, "secret of plus") {
			t.Errorf("request %d: %s", i, text)
		}
		if key := r.Only(r.Index, 1).Key(); fmt.Sprintf("%x", key) != traces[0].Steps[i].Request {
			t.Errorf("step %d names another request", i)
		}
	}
	m := w.asked[2].Messages
	if len(m) != len(first)+2 || m[len(m)-2] != (model.Message{Role: model.Assistant, Content: "wrong 2"}) ||
		!strings.Contains(m[len(m)-1].Content, "Call: f0(secret of base)\nExpected: 1\nActual: 2\n") || m[len(m)-1].Content != traces[0].Steps[1].Feedback {
		t.Errorf("the last question is %+v", m)
	}
	if s := traces[0].Steps[0]; *s.Right != 4 || s.Usage.PromptTokens != 3 || s.Judged != shaOf("raises 4") {
		t.Errorf("the first step is %+v", s)
	}
}

// A model that goes on with a text reads the file as it would go on: the attempt,
// what became of it as comments, the problem's beginning.
func TestDocument(t *testing.T) {
	w := &writer{answers: map[string][]string{"T/0": {"wrong 2\nassert f0() == 3", "pass"}}}
	traces, _, err := flow(t, t.Context(), t.TempDir(), w, problemsPut(t, 1, generate.Base), func(c *Config) { c.Options.Prompt = generate.Base })
	if err != nil {
		t.Fatal(err)
	}
	if got, want := way(&traces[0]), "0:wrong_answer/wrong_answer* 1:pass/pass* passed"; got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	const first = "def f0(): ...\n"
	if s := traces[0].Steps[0]; s.Program != first+"wrong 2" || strings.HasSuffix(s.Feedback, refine) {
		t.Errorf("the first step is %+v", s)
	}
	want := first + "wrong 2\n\n# I ran the program, and it failed. It gave a wrong answer.\n" +
		"# Call: f0(secret of base)\n# Expected: 1\n# Actual: 2\n#\n# The whole corrected program:\n\n" + first
	if got := w.asked[1]; got.Prompt != want || len(got.Messages) > 0 || len(got.Stop) == 0 || w.asked[0].Prompt != first {
		t.Errorf("the second question is %+v", got)
	}
}

func TestNoFeedbackAsksTheSameAgain(t *testing.T) {
	w := &writer{answers: map[string][]string{"T/0": {"wrong 1", "wrong 1", "pass"}}}
	traces, _, err := flow(t, t.Context(), t.TempDir(), w, problems(t, 1), func(c *Config) { c.Options.Feedback = noFeedback })
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range w.asked {
		if fmt.Sprint(r.Messages) != fmt.Sprint(w.asked[0].Messages) || r.Index != i {
			t.Errorf("request %d is another: %+v", i, r)
		}
	}
	if len(traces[0].Steps) != 3 || traces[0].Steps[0].Feedback != "" {
		t.Errorf("got %s", way(&traces[0]))
	}
}

func TestFeedback(t *testing.T) {
	entry := func(n int) string { return fmt.Sprintf("  File \"solution.py\", line %d, in f\n    f(%d)\n", n, n) }
	var long string
	for i := range 20 {
		long += entry(i)
	}
	for _, tt := range []struct {
		verdict harness.Verdict
		failure *harness.Failure
		want    []string
		most    int
	}{
		{harness.OutOfFuel, &harness.Failure{Args: "7"}, []string{"took too long", "Call: f(7)\n"}, 300},
		{harness.WrongAnswer, &harness.Failure{Args: strings.Repeat("é", 5000), Expected: "[1]", Actual: "[]"},
			[]string{"Call: f(éé", "bytes left out", "Expected: [1]\nActual: []\n"}, 900},
		{harness.Exception, &harness.Failure{Exception: &runtimes.ExceptionInfo{Type: "RecursionError", Message: "deep", Line: 3, Traceback: long}},
			[]string{"  … 14 more\n" + entry(14), entry(19) + "RecursionError: deep\n"}, 900},
		{harness.SyntaxError, &harness.Failure{Exception: &runtimes.ExceptionInfo{Type: "SyntaxError", Message: "invalid syntax", Line: 3}},
			[]string{"SyntaxError: invalid syntax (line 3)\n"}, 300},
		{harness.WrongAnswer, &harness.Failure{Detail: "test line 3: assert f(1) == 2"}, []string{"\ntest line 3: assert f(1) == 2\n"}, 300},
		{harness.Trap, nil, []string{"crashed"}, 300},
	} {
		got := feedback(tt.verdict, "f", tt.failure, refine)
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in %s", tt.verdict, want, got)
			}
		}
		if len(got) > tt.most {
			t.Errorf("%s: %d bytes, want at most %d", tt.verdict, len(got), tt.most)
		}
	}
}

// A program that reads and prints is told what it read.
func TestFeedbackOnInput(t *testing.T) {
	got := feedback(harness.WrongAnswer, "", &harness.Failure{Args: "1 2\n", Expected: "3\n", Actual: "4\n", Detail: "line 1 differs"}, refine)
	if want := "It gave a wrong answer.\nInput:\n1 2\n\nExpected: 3\n\nActual: 4\n\nline 1 differs\n"; !strings.Contains(got, want) {
		t.Errorf("got %s", got)
	}
}
