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

// Plan is the work of a run, fixed before it starts.
type Plan struct {
	suite *benchmarks.Suite
	tasks []*task // in the suite's order
	items []*item // in the order of results.jsonl
	work  string  // sha-256 over task, index and candidate of every item
}

// task is a problem with the samples that were given for it.
type task struct {
	problem *benchmarks.Problem
	order   int
	items   []*item // by index
	groups  []*group
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
	problems, err := SelectTasks(suite, sel)
	if err != nil {
		return nil, err
	}
	byTask := make(map[string][]benchmarks.Sample)
	for _, s := range samples {
		byTask[s.TaskID] = append(byTask[s.TaskID], s)
	}
	p := &Plan{suite: suite}
	var missing []string
	for _, problem := range problems {
		of := byTask[problem.ID]
		if len(of) == 0 {
			missing = append(missing, problem.ID)
			continue
		}
		if err := p.add(problem, of); err != nil {
			return nil, err
		}
	}
	if len(p.items) == 0 || len(missing) > 0 && !sel.Partial {
		return nil, missingError(missing, len(problems))
	}
	p.work = p.hash()
	return p, nil
}

func (p *Plan) add(problem *benchmarks.Problem, samples []benchmarks.Sample) error {
	slices.SortStableFunc(samples, func(a, b benchmarks.Sample) int { return a.Index - b.Index })
	t := &task{problem: problem, order: len(p.tasks)}
	groups := make(map[string]*group)
	for i, s := range samples {
		if i > 0 && s.Index == samples[i-1].Index {
			return fmt.Errorf("%s: sample %d of %s is there already (%s)", s.Origin, s.Index, s.TaskID, samples[i-1].Origin)
		}
		it := &item{sample: s, candidate: hashOf(s.Solution)}
		g := groups[it.candidate]
		if g == nil {
			g = &group{task: t}
			groups[it.candidate] = g
			t.groups = append(t.groups, g)
		}
		g.items = append(g.items, it)
		t.items = append(t.items, it)
	}
	p.tasks = append(p.tasks, t)
	p.items = append(p.items, t.items...)
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
