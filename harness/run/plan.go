package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/jsonl"
)

// Plan is the work of a run. Samples may come one by one, and be judged before
// the plan is whole: see Early.
type Plan struct {
	suite   *benchmarks.Suite
	partial bool
	tasks   []*task // in the suite's order
	byID    map[string]*task

	items []*item // in the order of results.jsonl
	work  string  // sha-256 over task, index and candidate of every item

	rules map[string]bool // that took the programs out of answers; "": not known
	best  *Plan           // see judged; nil where there is none
}

// task is a problem with the samples that were given for it.
type task struct {
	problem *benchmarks.Problem
	order   int
	items   []*item // by index
	groups  []*group
	byHash  map[string]*group // by candidate

	early map[string]*harness.Record // by candidate, what was judged before the plan was whole
}

// group is the samples of one task that are the same program: judged once.
type group struct {
	task      *task
	items     []*item // by index
	solution  string
	candidate string // sha-256 of the solution, hex

	record *harness.Record // of each of the samples, but for its number; nil while it is not judged
}

// sample is the first of the group, as a judge takes it.
func (g *group) sample() benchmarks.Sample {
	return benchmarks.Sample{TaskID: g.task.problem.ID, Index: g.items[0].index, Solution: g.solution}
}

// item is one line of results.jsonl. There may be a million: what is known of a
// program stands in its group.
type item struct {
	group  *group
	index  int
	origin string  // of the sample, until the plan is closed
	best   *string // what the rule best takes, where it is another program; or nil
	done   bool    // it is judged, and that is in the log where there is one
}

func (it *item) name() string { return fmt.Sprintf("%s#%d", it.group.task.problem.ID, it.index) }

// record is what was judged.
func (it *item) record() harness.Record {
	rec := *it.group.record
	rec.Sample = it.index
	return rec
}

// line is the record as it is written; nil while it is not judged.
func (it *item) line() ([]byte, error) {
	if !it.done {
		return nil, nil
	}
	return jsonl.Marshal(it.record())
}

// records are those of all items, in order.
func records(items []*item) iter.Seq[harness.Record] {
	return func(yield func(harness.Record) bool) {
		for _, it := range items {
			if !yield(it.record()) {
				return
			}
		}
	}
}

// NewPlan finds the work: the samples of the selected tasks. Samples of other
// tasks are left alone; a selected task without samples is an error, unless
// the selection is partial.
func NewPlan(suite *benchmarks.Suite, samples []benchmarks.Sample, sel Selection) (*Plan, error) {
	p, err := OpenPlan(suite, sel)
	if err != nil {
		return nil, err
	}
	for _, s := range samples {
		p.Add(s)
	}
	return p, p.Close()
}

// OpenPlan is the plan of the selected tasks, whose samples are still to come.
func OpenPlan(suite *benchmarks.Suite, sel Selection) (*Plan, error) {
	problems, err := SelectTasks(suite, sel)
	if err != nil {
		return nil, err
	}
	p := &Plan{suite: suite, partial: sel.Partial, rules: map[string]bool{}, byID: make(map[string]*task, len(problems))}
	for i, problem := range problems {
		t := &task{problem: problem, order: i, byHash: map[string]*group{}, early: map[string]*harness.Record{}}
		p.tasks, p.byID[problem.ID] = append(p.tasks, t), t
	}
	return p, nil
}

// Problems are the selected ones.
func (p *Plan) Problems() []*benchmarks.Problem {
	out := make([]*benchmarks.Problem, len(p.tasks))
	for i, t := range p.tasks {
		out[i] = t.problem
	}
	return out
}

// Add puts a sample into the plan.
func (p *Plan) Add(s benchmarks.Sample) {
	t := p.byID[s.TaskID]
	if t == nil {
		return
	}
	candidate := hashOf(s.Solution)
	g := t.byHash[candidate]
	if g == nil {
		g = &group{task: t, solution: s.Solution, candidate: candidate}
		t.byHash[candidate] = g
	}
	it := &item{group: g, index: s.Index, origin: s.Origin}
	if s.Best != "" {
		it.best = &s.Best
	}
	p.rules[s.Extract] = true
	t.items = append(t.items, it)
}

// rule is the one that took all programs out of answers; "": nobody says so.
func (p *Plan) rule() string {
	if p.rules[""] {
		return ""
	}
	return strings.Join(slices.Sorted(maps.Keys(p.rules)), ", ")
}

// judged has the samples judged, and then the programs that the rule best takes
// out of the answers whose samples failed, where these are others: p.best.
func (p *Plan) judged(judge func(p *Plan, stage string) error) error {
	if err := judge(p, "judging"); err != nil {
		return err
	}
	var others []benchmarks.Sample
	for _, it := range p.items {
		if v := it.group.record.Verdict; it.best != nil && v != harness.Pass && v != harness.InfraError {
			others = append(others, benchmarks.Sample{TaskID: it.group.task.problem.ID, Index: it.index, Solution: *it.best})
		}
	}
	if len(others) == 0 {
		return nil
	}
	var err error
	if p.best, err = NewPlan(p.suite, others, Selection{Partial: true}); err != nil {
		return err
	}
	return judge(p.best, "judging what best takes")
}

// find gives the sample of a task with a number, if there is one.
func (p *Plan) find(taskID string, index int) *item {
	t := p.byID[taskID]
	if t == nil {
		return nil
	}
	i, there := slices.BinarySearchFunc(t.items, index, func(it *item, n int) int { return it.index - n })
	if !there {
		return nil
	}
	return t.items[i]
}

// Close says that all samples are there.
func (p *Plan) Close() error {
	var missing []string
	selected := len(p.tasks)
	for _, t := range p.tasks {
		if len(t.items) == 0 {
			missing = append(missing, t.problem.ID)
		}
		if err := t.close(); err != nil {
			return err
		}
		p.items = append(p.items, t.items...)
	}
	if len(p.items) == 0 || len(missing) > 0 && !p.partial {
		return missingError(missing, selected)
	}
	p.tasks = slices.DeleteFunc(p.tasks, func(t *task) bool { return len(t.items) == 0 })
	p.work = p.hash()
	return nil
}

// close orders the samples, and puts those together that are the same program.
func (t *task) close() error {
	slices.SortStableFunc(t.items, func(a, b *item) int { return a.index - b.index })
	for i, it := range t.items {
		if i > 0 && it.index == t.items[i-1].index {
			return fmt.Errorf("%s: sample %d of %s is there already (%s)", it.origin, it.index, t.problem.ID, t.items[i-1].origin)
		}
		if len(it.group.items) == 0 {
			t.groups = append(t.groups, it.group)
		}
		it.group.items = append(it.group.items, it)
	}
	for _, it := range t.items {
		it.origin = ""
	}
	t.byHash = nil
	return nil
}

// Suite is the suite that the work is of.
func (p *Plan) Suite() *benchmarks.Suite { return p.suite }

func (p *Plan) hash() string {
	h := sha256.New()
	for _, it := range p.items {
		fmt.Fprintf(h, "%s\x00%d\x00%s\n", it.group.task.problem.ID, it.index, it.group.candidate)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func missingError(missing []string, selected int) error {
	shown := missing
	more := ""
	if len(shown) > 5 {
		shown, more = shown[:5], ", …"
	}
	return fmt.Errorf("no sample for %d of %d tasks (%s%s): a score without them would mislead; add them, select tasks with --tasks, or score only what is there with --partial",
		len(missing), selected, strings.Join(shown, ", "), more)
}

func hashOf(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

func count(done, total int) string { return fmt.Sprintf("%d of %d samples", done, total) }

// Reader gives a sample that is there but for what takes a program to find it,
// as the one in a model's answer.
type Reader func(ctx context.Context) (benchmarks.Sample, error)

// Early judges samples of a plan that isn't whole yet, while a model writes the
// others. It decides nothing: a fault that it meets is met again, and told, by
// the run that follows, which only finds verdicts there.
type Early struct {
	plan    *Plan
	judge   Judge
	queue   *queue
	workers sync.WaitGroup

	mu     sync.Mutex
	judged int64
}

// Begin judges what is handed to Early.Add, so many programs at once.
func (p *Plan) Begin(ctx context.Context, j Judge, workers int) *Early {
	e := &Early{plan: p, judge: j, queue: newQueue(ctx)}
	e.queue.open = 1 // more may come
	for range workers {
		e.workers.Go(func() {
			for u, ok := e.queue.take(); ok; u, ok = e.queue.take() {
				e.do(ctx, u)
			}
		})
	}
	return e
}

// Add has a sample of a task judged.
func (e *Early) Add(taskID string, read Reader) {
	if t := e.plan.byID[taskID]; t != nil {
		e.queue.add(unit{task: t, read: read, cost: e.judge.Cost(t.problem)})
	}
}

// Judged is how many different programs have a verdict.
func (e *Early) Judged() int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.judged
}

// Stop waits for what is being judged. What waits is left to the run.
func (e *Early) Stop() {
	e.queue.close()
	e.workers.Wait()
}

func (e *Early) do(ctx context.Context, u unit) {
	s, err := u.read(ctx)
	if err != nil || !e.first(u.task, hashOf(s.Solution)) {
		return
	}
	if rec, err := e.judge.Judge(ctx, u.task.problem, s); err == nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		u.task.early[hashOf(s.Solution)] = &rec
		e.judged++
	}
}

// first says whether nobody has judged the program, or does.
func (e *Early) first(t *task, candidate string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, there := t.early[candidate]
	if !there {
		t.early[candidate] = nil
	}
	return !there
}

// ErrSelection marks patterns that select nothing: wrong usage.
var ErrSelection = errors.New("nothing selected")

// Selection narrows a suite down.
type Selection struct {
	Tasks []string // patterns of task ids; empty: all
	Limit int      // only the first so many of the selected tasks; 0: all
	// Only tasks that were set between these, both included; zero: no bound.
	From, Until time.Time
	Partial     bool // accept samples that leave selected tasks out
}

// Validate says what is wrong with what flags ask for.
func (sel Selection) Validate() error {
	switch {
	case sel.Limit < 0:
		return errors.New("--limit can't be negative")
	case !sel.Until.IsZero() && sel.Until.Before(sel.From):
		return fmt.Errorf("--until %s is before --from %s", sel.Until.Format(time.DateOnly), sel.From.Format(time.DateOnly))
	}
	return nil
}

// SelectTasks returns the problems that the selection leaves, in the suite's
// order. A pattern is held against the whole id and against what follows its
// last slash, so that "HumanEval/3?", "3?" and "7" all work.
func SelectTasks(s *benchmarks.Suite, sel Selection) ([]*benchmarks.Problem, error) {
	patterns := sel.Tasks
	used := make([]bool, len(patterns))
	var out []*benchmarks.Problem
	for _, p := range s.Problems {
		hit, err := matchTask(p.ID, patterns, used)
		if err == nil && hit {
			hit, err = sel.inWindow(p)
		}
		if err != nil {
			return nil, err
		}
		if hit && (sel.Limit <= 0 || len(out) < sel.Limit) {
			out = append(out, p)
		}
	}
	for i, ok := range used {
		if !ok {
			return nil, fmt.Errorf("%w: --tasks %q matches no task of %s (its ids look like %s)", ErrSelection, patterns[i], s.Name, exampleID(s))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: no task of %s that is asked for is from that time", ErrSelection, s.Name)
	}
	return out, nil
}

// inWindow says whether a problem was set in the time that is asked for, both
// ends included, as LiveCodeBench has it.
func (sel Selection) inWindow(p *benchmarks.Problem) (bool, error) {
	if sel.From.IsZero() && sel.Until.IsZero() {
		return true, nil
	}
	date, err := benchmarks.ParseDate(p.Contest.Date)
	if err != nil {
		return false, fmt.Errorf("%w: nobody knows from when %s is: --from and --until are for suites with dates, such as livecodebench", ErrSelection, p.ID)
	}
	return !date.Before(sel.From) && (sel.Until.IsZero() || !date.After(sel.Until)), nil
}

func matchTask(id string, patterns []string, used []bool) (bool, error) {
	hit := len(patterns) == 0
	for i, pattern := range patterns {
		for _, name := range []string{id, path.Base(id)} {
			ok, err := path.Match(pattern, name)
			if err != nil {
				return false, fmt.Errorf("%w: --tasks %q: %w", ErrSelection, pattern, err)
			}
			used[i] = used[i] || ok
			hit = hit || ok
		}
	}
	return hit, nil
}

func exampleID(s *benchmarks.Suite) string {
	if len(s.Problems) == 0 {
		return "none"
	}
	return s.Problems[0].ID
}
