package run

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
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
}

// task is a problem with the samples that were given for it.
type task struct {
	problem *benchmarks.Problem
	order   int
	items   []*item // by index
	groups  []*group

	early map[string]*harness.Record // by candidate, what was judged before the plan was whole
}

// group is the samples of one task that are the same program: judged once.
type group struct {
	task  *task
	items []*item
}

// item is one line of results.jsonl.
type item struct {
	sample    benchmarks.Sample
	candidate string // sha-256 of the solution, hex

	record harness.Record
	line   []byte // the record as it is written; nil while it is not judged
}

func (it *item) name() string { return fmt.Sprintf("%s#%d", it.sample.TaskID, it.sample.Index) }

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
	p := &Plan{suite: suite, partial: sel.Partial, byID: make(map[string]*task, len(problems))}
	for i, problem := range problems {
		t := &task{problem: problem, order: i, early: map[string]*harness.Record{}}
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
	if t := p.byID[s.TaskID]; t != nil {
		t.items = append(t.items, &item{sample: s, candidate: hashOf(s.Solution)})
	}
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
	slices.SortStableFunc(t.items, func(a, b *item) int { return a.sample.Index - b.sample.Index })
	groups := make(map[string]*group)
	for i, it := range t.items {
		if s := it.sample; i > 0 && s.Index == t.items[i-1].sample.Index {
			return fmt.Errorf("%s: sample %d of %s is there already (%s)", s.Origin, s.Index, s.TaskID, t.items[i-1].sample.Origin)
		}
		g := groups[it.candidate]
		if g == nil {
			g = &group{task: t}
			groups[it.candidate] = g
			t.groups = append(t.groups, g)
		}
		g.items = append(g.items, it)
	}
	return nil
}

// Suite is the suite that the work is of.
func (p *Plan) Suite() *benchmarks.Suite { return p.suite }

func (p *Plan) hash() string {
	h := sha256.New()
	for _, it := range p.items {
		fmt.Fprintf(h, "%s\x00%d\x00%s\n", it.sample.TaskID, it.sample.Index, it.candidate)
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
