package codeflow

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/guestcall"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/value"
)

// Least is what tests must reach to be kept, as shares from 0 to 1. Zero asks for
// nothing: it is measured all the same.
type Least struct {
	Lines    float64 `json:"lines"`
	Branches float64 `json:"branches"`
	Mutants  float64 `json:"mutants"`
	Marks    int     `json:"marks"` // each of them; from 1 to 5, 0: no judge model is asked
}

// examine says what the tests of a trace that passed are worth, and drops it
// where that is too little.
func (l *loop) examine(ctx context.Context, t *Trace) error {
	last := t.Last()
	q, err := l.measure(ctx, last)
	if err != nil {
		return fmt.Errorf("%s, trace %d: measuring the tests: %w", l.task.ID, l.n, err)
	}
	t.Quality = q
	reason := q.lacks(l.Options.Least)
	if reason == "" && l.Options.Least.Marks > 0 {
		reason, err = l.mark(ctx, t)
		if err != nil {
			return fmt.Errorf("%s, trace %d: %w", l.task.ID, l.n, err)
		}
	}
	if reason != "" {
		t.Outcome, t.Reason = Dropped, reason
	}
	return nil
}

// lacks names the first thing that is too little; "" where nothing is.
func (q *Quality) lacks(least Least) string {
	below := func(part, whole int, share float64) bool { return float64(part) < share*float64(whole) }
	switch {
	case q.Trivial != "":
		return trivialTests
	case q.Flaky != "":
		return flakyTests
	case below(q.LinesRun, q.Lines, least.Lines):
		return fewLines
	case below(q.BranchesRun, q.Branches, least.Branches):
		return fewBranches
	case below(q.MutantsFound, q.Mutants, least.Mutants):
		return fewMutants
	}
	return ""
}

// measure runs the tests on the solution and on broken ones.
func (l *loop) measure(ctx context.Context, s *Step) (*Quality, error) {
	leave, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	w := &workbench{runtime: l.Programs}
	q := &Quality{Tests: *s.Right}
	for _, step := range []func(context.Context, *workbench, *Step) error{q.trivial, q.flaky, q.coverage, q.mutants} {
		if err := step(ctx, w, s); err != nil {
			return nil, err
		}
		if q.Trivial != "" || q.Flaky != "" {
			break
		}
	}
	q.Fuel = w.fuel
	return q, nil
}

// trivial finds tests that say nothing.
func (q *Quality) trivial(ctx context.Context, w *workbench, s *Step) error {
	program, tests := value.Str(s.Program), value.Str(s.Tests)
	found, err := w.do(ctx, testFuel, call("assertions", tests), call("hollow", program))
	if err != nil {
		return err
	}
	if n, ok := found[0].Value.(value.Small); ok && n == 0 {
		q.Trivial = "they assert nothing"
		return nil
	}
	hollow, _ := found[1].Value.(value.List)
	calls := make([]value.Tuple, len(hollow))
	for i, h := range hollow {
		calls[i] = call("every", h, tests, value.Small(0))
	}
	results, err := w.do(ctx, testFuel, calls...)
	for i, r := range results {
		if v, _ := ended(r); v == harness.Pass && q.Trivial == "" {
			q.Trivial = "they pass with functions that " + []string{"return None", "raise"}[min(i, 1)]
		}
	}
	return err
}

// flaky runs the tests in one go, and again in another order, with other random
// numbers and on another day.
func (q *Quality) flaky(ctx context.Context, w *workbench, s *Step) error {
	for variant, how := range []string{"together", "in another order, with other random numbers and on another day"} {
		results, err := w.do(ctx, testFuel*uint64(max(1, q.Tests)), call("every", value.Str(s.Program), value.Str(s.Tests), value.Small(variant)))
		if err != nil {
			return err
		}
		if v, failure := ended(results[0]); v != harness.Pass {
			q.Flaky = fmt.Sprintf("run %s, they end with %s", how, v)
			if failure != nil && failure.Exception != nil {
				q.Flaky += ": " + failure.Exception.Type + ": " + shorten(failure.Exception.Message)
			}
			return nil
		}
	}
	return nil
}

// coverage counts the lines and branches of the solution that the tests run.
func (q *Quality) coverage(ctx context.Context, w *workbench, s *Step) error {
	results, err := w.do(ctx, 10*testFuel, call("coverage", value.Str(s.Program), value.Str(s.Tests)))
	if err != nil {
		return err
	}
	counts, ok := numbers(results[0], 4)
	if !ok {
		q.Flaky = "watched, they end otherwise: " + cmp.Or(shorten(results[0].Why), "no counts come back")
		return nil
	}
	q.Lines, q.LinesRun, q.Branches, q.BranchesRun = counts[0], counts[1], counts[2], counts[3]
	return nil
}

// mutants counts the broken solutions that the tests notice. One that takes ten
// times as long is noticed.
func (q *Quality) mutants(ctx context.Context, w *workbench, s *Step) error {
	tests := value.Str(s.Tests)
	made, err := w.do(ctx, testFuel, call("mutants", value.Str(s.Program), value.Small(maxMutants)), call("every", value.Str(s.Program), tests, value.Small(0)))
	if err != nil {
		return err
	}
	list, _ := made[0].Value.(value.List)
	calls := make([]value.Tuple, len(list))
	for i, m := range list {
		calls[i] = call("every", m, tests, value.Small(0))
	}
	results, err := w.do(ctx, max(mutantFloor, mutantTimes*made[1].Fuel), calls...)
	for _, r := range results {
		q.Mutants++
		if v, _ := ended(r); v != harness.Pass {
			q.MutantsFound++
		}
	}
	return err
}

// numbers reads a tuple of so many counts.
func numbers(r guestcall.Result, n int) ([]int, bool) {
	t, _ := r.Value.(value.Tuple)
	out := make([]int, len(t))
	for i, v := range t {
		small, ok := v.(value.Small)
		if !ok || small < 0 {
			return nil, false
		}
		out[i] = int(small)
	}
	return out, len(t) == n
}

const (
	examiner  = "You are a strict reviewer of tests."
	wantMarks = `Give the tests marks from 1 (bad) to 5 (good):
accuracy: what they expect is what the task says;
effectiveness: a wrong solution would fail them;
reasonableness: they test what the task is about, no more, and can be understood.
Answer with JSON and nothing else: {"accuracy": 1, "effectiveness": 1, "reasonableness": 1}`
)

// mark asks the judge model, and says why the trace is dropped then; "" where it
// is not.
func (l *loop) mark(ctx context.Context, t *Trace) (string, error) {
	last := t.Last()
	a, err := l.aside(ctx, markTests, l.task.ID, l.n, cmp.Or(l.Options.JudgeModel, l.Options.Model), []model.Message{
		{Role: model.System, Content: examiner},
		{Role: model.User, Content: fmt.Sprintf("Task:\n%s\n\nSolution:\n```python\n%s\n```\n\nTests:\n```python\n%s\n```\n\n%s", t.Prompt, last.Program, last.Tests, wantMarks)},
	})
	if err != nil {
		return "", err
	}
	t.Asides = append(t.Asides[:len(t.Asides):len(t.Asides)], a)
	marks, err := readMarks(a.Answer)
	if err != nil {
		return noMarks, nil
	}
	t.Quality.Marks = marks
	if min(marks.Accuracy, marks.Effectiveness, marks.Reasonableness) < l.Options.Least.Marks {
		return lowMarks, nil
	}
	return "", nil
}

// readMarks reads an answer that is marks and nothing else, in a code block
// maybe.
func readMarks(answer string) (*Marks, error) {
	if bare := strings.TrimSpace(answer); strings.HasPrefix(bare, "```") {
		_, answer, _ = strings.Cut(strings.TrimSuffix(bare, "```"), "\n")
	}
	d := json.NewDecoder(strings.NewReader(answer))
	d.DisallowUnknownFields()
	m := &Marks{}
	if err := d.Decode(m); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than marks")
	}
	for _, mark := range []int{m.Accuracy, m.Effectiveness, m.Reasonableness} {
		if mark < 1 || mark > 5 {
			return nil, fmt.Errorf("a mark of %d", mark)
		}
	}
	return m, nil
}

// DefaultNGram is how many words in a row make a task a benchmark's: ten, as
// Cosmopedia and Qwen2.5-Coder were decontaminated; GPT-3 and phi-1 looked at 13.
const DefaultNGram = 10

// fewest is the shortest problem that is looked for, in words: what is shorter is
// nobody's.
const fewest = 6

// Overlaps finds tasks that are close to a benchmark's problems: they have so
// many words in a row in common, whatever their case and what stands between
// them. A problem of fewer words is looked for as a whole.
type Overlaps struct {
	n     int
	grams map[int]map[string]string // by number of words: the words, and whose they are
}

// NewOverlaps makes one that knows no problem yet.
func NewOverlaps(n int) (*Overlaps, error) {
	if n < fewest {
		return nil, fmt.Errorf("--ngram %d: fewer than %d words in a row are in common by chance", n, fewest)
	}
	return &Overlaps{n: n, grams: map[int]map[string]string{}}, nil
}

// Add has a suite's problems looked for. What belongs to several is the first
// one's.
func (o *Overlaps) Add(s *benchmarks.Suite) {
	for _, p := range s.Problems {
		words := wordsOf(p.Text())
		if len(words) < fewest {
			continue
		}
		n := min(o.n, len(words))
		if o.grams[n] == nil {
			o.grams[n] = map[string]string{}
		}
		for i := range len(words) - n + 1 {
			gram := strings.Join(words[i:i+n], " ")
			if _, there := o.grams[n][gram]; !there {
				o.grams[n][gram] = s.Name + " " + p.ID
			}
		}
	}
}

// find is the first overlap of a text; nil where there is none.
func (o *Overlaps) find(text string) *Overlap {
	if o == nil {
		return nil
	}
	words := wordsOf(text)
	for i := range words {
		for n := min(o.n, len(words)-i); n >= fewest; n-- {
			gram := strings.Join(words[i:i+n], " ")
			if problem, there := o.grams[n][gram]; there {
				return &Overlap{Problem: problem, Words: gram}
			}
		}
	}
	return nil
}

// wordsOf are the runs of letters and digits of a text, in lower case.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
