package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

// fakeJudge reads the verdict out of the program: its first word. It counts
// what it was asked for, and fails as a test tells it to.
type fakeJudge struct {
	mu       sync.Mutex
	prepared map[string]int
	judged   map[string]int // by program
	order    []string       // tasks, as they were judged
	faults   map[string]int // by task: how many calls of Judge fail first
	broken   map[string]bool
	onJudge  func(n int)           // after the n-th judgement
	salt     string                // part of the identity
	tests    []runtimes.TestResult // of each record
	own      map[string]string     // by task: how its own solution fails
}

func newFake() *fakeJudge {
	return &fakeJudge{prepared: map[string]int{}, judged: map[string]int{}, faults: map[string]int{}, broken: map[string]bool{}}
}

var errFault = errors.New("the machine is on fire")

func (f *fakeJudge) Prepare(ctx context.Context, p *benchmarks.Problem) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.prepared[p.ID]++
	if f.broken[p.ID] {
		return errFault
	}
	return ctx.Err()
}

func (f *fakeJudge) Cost(p *benchmarks.Problem) uint64 { return uint64(len(p.Prompt)) }

func (f *fakeJudge) Identity(p *benchmarks.Problem, solution string) string {
	return hashOf(p.ID + solution + f.salt)
}

func (f *fakeJudge) Judge(ctx context.Context, p *benchmarks.Problem, s benchmarks.Sample) (harness.Record, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return harness.Record{}, err
	}
	if f.faults[p.ID] > 0 {
		f.faults[p.ID]--
		return harness.Record{}, errFault
	}
	f.judged[s.Solution]++
	f.order = append(f.order, p.ID)
	if f.onJudge != nil {
		f.onJudge(len(f.order))
	}
	return f.record(p, s), nil
}

func (f *fakeJudge) record(p *benchmarks.Problem, s benchmarks.Sample) harness.Record {
	word, _, _ := strings.Cut(s.Solution, " ")
	r := harness.Record{
		Version: harness.RecordVersion, TaskID: p.ID, Sample: s.Index, Verdict: harness.Verdict(word),
		Base: harness.Pass, Plus: harness.Verdict(word), Oracle: string(p.Oracle), Fuel: uint64(len(s.Solution)), Pages: 7,
		Tests: f.tests, OwnSolution: f.own[p.ID], Candidate: hashOf(s.Solution), Identity: f.Identity(p, s.Solution),
	}
	if r.Verdict != harness.Pass {
		n := 3
		r.Failure = &harness.Failure{Set: "plus", Input: &n, Args: "(1, '<&>\x1b[31m\xff')", Expected: "2", Actual: "3"}
	}
	return r
}

// suite has n tasks, T/0 to T/n-1, the later the longer.
func suite(n int) *benchmarks.Suite {
	s := &benchmarks.Suite{Name: "fake", Version: "v1", SHA256: hashOf("fake"), Sets: []string{"base", "plus"}}
	for i := range n {
		s.Problems = append(s.Problems, &benchmarks.Problem{ID: fmt.Sprintf("T/%d", i), Oracle: benchmarks.Cases, Prompt: strings.Repeat("x", i+1)})
	}
	return s
}

// samples gives each task k samples: those of even tasks pass, the others are
// wrong; each program is another.
func samples(s *benchmarks.Suite, k int) []benchmarks.Sample {
	var out []benchmarks.Sample
	for i, p := range s.Problems {
		for j := range k {
			word := "pass"
			if i%2 == 1 {
				word = "wrong_answer"
			}
			out = append(out, benchmarks.Sample{TaskID: p.ID, Index: j, Solution: fmt.Sprintf("%s %d %d", word, i, j), Origin: fmt.Sprintf("s.jsonl:%d", len(out)+1)})
		}
	}
	return out
}

// setup is a run before it is planned.
type setup struct {
	Config
	suite   *benchmarks.Suite
	samples []benchmarks.Sample
	sel     Selection
}

func config(t *testing.T, tasks, perTask int) (*setup, *fakeJudge) {
	t.Helper()
	judge, s := newFake(), suite(tasks)
	return &setup{suite: s, samples: samples(s, perTask), Config: Config{
		Dir: t.TempDir(), Judge: judge, Workers: 2,
		Options: Options{Compat: "none", FuelFactor: 10}, Runtime: RuntimeID{Name: "fake 1", Identity: hashOf("rt")}, Version: "test",
	}}, judge
}

func (s *setup) plan() (*Plan, error) { return NewPlan(s.suite, s.samples, s.sel) }

func (s *setup) run(ctx context.Context) (*Summary, error) {
	p, err := s.plan()
	if err != nil {
		return nil, err
	}
	s.Plan = p
	return Run(ctx, s.Config)
}
