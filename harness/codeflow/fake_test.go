package codeflow

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/generate"
	"github.com/assay-dev/assay/harness/model"

	"github.com/assay-dev/assay/runtimes/python/pythontest"
)

// words judges a program by what its last line says: "pass", "plus fails", "wrong 3" (at
// input 3 of base), "raises 3" or "broken".
type words struct{}

func (words) Judge(_ context.Context, p *benchmarks.Problem, s benchmarks.Sample) (harness.Record, error) {
	r := harness.Record{TaskID: p.ID, Base: harness.Pass, Plus: harness.Pass, Verdict: harness.Pass, Fuel: 10, Identity: shaOf(s.Solution)}
	word, at, _ := strings.Cut(s.Solution[strings.LastIndex(s.Solution, "\n")+1:], " ")
	fail := func(v harness.Verdict, set string, input *int) {
		r.Verdict = v
		r.Failure = &harness.Failure{Set: set, Input: input, Args: "secret of " + set, Expected: "1", Actual: "2"}
		r.Plus = v
		if set == "base" {
			r.Base = v
		}
	}
	n, _ := strconv.Atoi(at)
	switch word {
	case "plus":
		fail(harness.WrongAnswer, "plus", &n)
	case "wrong":
		fail(harness.WrongAnswer, "base", &n)
	case "raises":
		fail(harness.Exception, "base", &n)
	case "unparsed":
		fail(harness.SyntaxError, "base", nil)
	case "broken":
		return harness.Record{Verdict: harness.InfraError, Failure: &harness.Failure{Detail: "the machine room is on fire"}}, nil
	}
	return r, nil
}

func shaOf(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

// writer answers a task's attempts from a list, after a while that differs.
type writer struct {
	answers map[string][]string // the last one holds for all after it
	pause   time.Duration
	mu      sync.Mutex
	sent    map[string]int
	asked   []model.Request
}

func (w *writer) Identity() string { return "test:writer" }

func (w *writer) Complete(ctx context.Context, r model.Request) (model.Answer, error) {
	select {
	case <-time.After(w.pause * time.Duration(1+len(r.Task)*7%5+r.Index*13%11)):
	case <-ctx.Done():
		return model.Answer{}, ctx.Err()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sent == nil {
		w.sent = map[string]int{}
	}
	w.asked = append(w.asked, r)
	list := w.answers[r.Task]
	if list == nil {
		return model.Answer{}, model.Errorf(model.Refused, "nothing is known of %s", r.Task)
	}
	a := model.Answer{Usage: model.Usage{PromptTokens: 3, CompletionTokens: int64(r.N)}}
	for i := r.Index; i < r.Index+r.N; i++ {
		w.sent[fmt.Sprintf("%s#%d", r.Task, i)]++
		a.Texts = append(a.Texts, model.Text{Text: list[min(i%stride, len(list)-1)], Finish: model.Stop})
	}
	return a, nil
}

// problems are so many, each with ten inputs of either set.
func problems(t *testing.T, n int) []*Task { return problemsPut(t, n, generate.Instruct) }

func problemsPut(t *testing.T, n int, style generate.Style) []*Task {
	t.Helper()
	s := &benchmarks.Suite{Name: "humaneval+", Version: "v1", Sets: []string{"base", "plus"}}
	for i := range n {
		p := &benchmarks.Problem{ID: fmt.Sprint("T/", i), Prompt: fmt.Sprintf("def f%d(): ...", i), EntryPoint: fmt.Sprint("f", i)}
		for _, name := range s.Sets {
			set, err := benchmarks.NewInputSet(name, []byte("[[],[],[],[],[],[],[],[],[],[]]"))
			if err != nil {
				t.Fatal(err)
			}
			p.Sets = append(p.Sets, set)
		}
		s.Problems = append(s.Problems, p)
	}
	return FromSuite(s, s.Problems, style)
}

// flow runs in dir, and gives the traces and both files.
func flow(t *testing.T, ctx context.Context, dir string, w *writer, tasks []*Task, change func(*Config)) ([]Trace, string, error) {
	t.Helper()
	log, err := model.OpenLog(filepath.Join(dir, LogName), w.Identity(), false)
	if err != nil {
		t.Fatal(err)
	}
	c := Config{
		Dir: dir, Tasks: tasks, Programs: pythontest.Func(pythontest.First), Judge: words{}, Runtime: "r", Workers: 2,
		Options: Options{Model: "m", Prompt: generate.Instruct, Iterations: 3, Feedback: FromBase, Temperatures: []float64{0, 0.5}},
		Client:  model.New(model.Config{Backend: w, Log: log, Concurrency: 4, Attempts: 1}),
	}
	if change != nil {
		change(&c)
	}
	_, err = Run(ctx, c)
	if closed := log.Close(); closed != nil {
		t.Fatal(closed)
	}
	if err != nil {
		return nil, "", err
	}
	var traces []Trace
	if err := ReadTraces(t.Context(), dir, func(t *Trace) error { traces = append(traces, *t); return nil }, func(err error) { t.Error(err) }); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, TracesName))
	if err != nil {
		t.Fatal(err)
	}
	stats, err := os.ReadFile(filepath.Join(dir, StatsName))
	if err != nil {
		t.Fatal(err)
	}
	return traces, string(text) + string(stats), nil
}
