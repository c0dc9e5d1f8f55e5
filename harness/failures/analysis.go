package failures

import (
	"cmp"
	"slices"

	"github.com/assay-dev/assay/harness"
)

// Analysis says why the samples of a run failed.
type Analysis struct {
	Samples int     `json:"samples"` // with a verdict
	Passed  int     `json:"passed"`
	Infra   int     `json:"infra_errors"` // faults of ours, in no other number
	Causes  []Count `json:"causes"`       // the most frequent first
	First   []First `json:"first"`        // where samples failed first
}

// Count is a cause with what is behind it.
type Count struct {
	Cause
	Samples int      `json:"samples"`
	Tasks   []string `json:"tasks"` // each once, in the tasks' order
}

// First is where samples failed first: at which input of which set.
type First struct {
	Set     string   `json:"set,omitempty"` // "base" or "plus"; "": the suite's tests, or no input at all
	At      string   `json:"at"`            // FirstInput, LaterInput or Loading
	Samples int      `json:"samples"`
	Tasks   []string `json:"tasks"`
}

// Places of First.
const (
	loading    = "before any input" // the program itself, or a suite's own tests
	firstInput = "first input"
	laterInput = "later input"
)

// Analyse says why the samples of a run failed.
func Analyse(records []harness.Record) Analysis {
	var a Analysis
	counts := groups[Cause]{}
	firsts := groups[[2]string]{}
	for _, r := range records {
		if r.Verdict == harness.InfraError {
			a.Infra++
			continue
		}
		a.Samples++
		c, failed := of(r)
		if !failed {
			a.Passed++
			continue
		}
		counts.add(c, r.TaskID)
		firsts.add(first(r.Failure), r.TaskID)
	}
	a.Causes = []Count{}
	for c, g := range counts {
		a.Causes = append(a.Causes, Count{c, g.samples, g.sorted()})
	}
	slices.SortFunc(a.Causes, func(x, y Count) int { return cmp.Or(y.Samples-x.Samples, x.compare(y.Cause)) })
	a.First = []First{}
	for at, g := range firsts {
		a.First = append(a.First, First{at[0], at[1], g.samples, g.sorted()})
	}
	slices.SortFunc(a.First, func(x, y First) int {
		return cmp.Or(y.Samples-x.Samples, cmp.Compare(x.Set, y.Set), cmp.Compare(x.At, y.At))
	})
	return a
}

func first(f *harness.Failure) [2]string {
	switch {
	case f == nil:
		return [2]string{"", loading}
	case f.Input == nil:
		return [2]string{f.Set, loading}
	case *f.Input == 0:
		return [2]string{f.Set, firstInput}
	}
	return [2]string{f.Set, laterInput}
}

func (c Cause) compare(d Cause) int {
	return cmp.Or(cmp.Compare(c.Verdict, d.Verdict), cmp.Compare(c.Kind, d.Kind), cmp.Compare(c.Where, d.Where))
}

// groups are samples by what they have in common.
type groups[K comparable] map[K]*group

type group struct {
	samples int
	tasks   map[string]struct{}
}

func (g groups[K]) add(key K, task string) {
	if g[key] == nil {
		g[key] = &group{tasks: map[string]struct{}{}}
	}
	g[key].samples++
	g[key].tasks[task] = struct{}{}
}

func (g *group) sorted() []string {
	out := make([]string, 0, len(g.tasks))
	for task := range g.tasks {
		out = append(out, task)
	}
	slices.SortFunc(out, harness.CompareTasks)
	return out
}

// Changes says how the causes of two runs differ, over the samples that both
// have a verdict on.
type Changes struct {
	Samples int      `json:"samples"`
	Passed  [2]int   `json:"passed"` // before and after
	Causes  []Change `json:"causes"` // the largest change first
	Moves   []Move   `json:"moves"`  // of samples whose cause is another, the most frequent first
}

// Change is a cause in both runs.
type Change struct {
	Cause
	Before int      `json:"before"` // samples
	After  int      `json:"after"`
	Gone   []string `json:"gone,omitempty"` // tasks that had it before and not after
	New    []string `json:"new,omitempty"`  // and the other way round
}

// Move is what became of samples. A pass has an empty cause.
type Move struct {
	From    Cause    `json:"from"`
	To      Cause    `json:"to"`
	Samples int      `json:"samples"`
	Tasks   []string `json:"tasks"`
}

// Compare holds the run after against the run before, sample by sample.
func Compare(before, after []harness.Record) Changes {
	type key struct {
		task   string
		sample int
	}
	earlier := map[key]harness.Record{}
	for _, r := range before {
		if r.Verdict != harness.InfraError {
			earlier[key{r.TaskID, r.Sample}] = r
		}
	}
	var out Changes
	was, is := groups[Cause]{}, groups[Cause]{}
	moves := groups[[2]Cause]{}
	for _, r := range after {
		old, there := earlier[key{r.TaskID, r.Sample}]
		if !there || r.Verdict == harness.InfraError {
			continue
		}
		out.Samples++
		from, failedBefore := of(old)
		to, failedAfter := of(r)
		if failedBefore {
			was.add(from, r.TaskID)
		} else {
			out.Passed[0]++
		}
		if failedAfter {
			is.add(to, r.TaskID)
		} else {
			out.Passed[1]++
		}
		if from != to {
			moves.add([2]Cause{from, to}, r.TaskID)
		}
	}
	out.Causes = changes(was, is)
	out.Moves = []Move{}
	for m, g := range moves {
		out.Moves = append(out.Moves, Move{m[0], m[1], g.samples, g.sorted()})
	}
	slices.SortFunc(out.Moves, func(x, y Move) int {
		return cmp.Or(y.Samples-x.Samples, x.From.compare(y.From), x.To.compare(y.To))
	})
	return out
}

func changes(was, is groups[Cause]) []Change {
	none := &group{}
	out := []Change{}
	for c := range union(was, is) {
		b, a := cmp.Or(was[c], none), cmp.Or(is[c], none)
		out = append(out, Change{c, b.samples, a.samples, b.without(a), a.without(b)})
	}
	slices.SortFunc(out, func(x, y Change) int {
		return cmp.Or(abs(y.After-y.Before)-abs(x.After-x.Before), y.Before+y.After-x.Before-x.After, x.compare(y.Cause))
	})
	return out
}

func union(a, b groups[Cause]) map[Cause]struct{} {
	out := map[Cause]struct{}{}
	for _, g := range []groups[Cause]{a, b} {
		for c := range g {
			out[c] = struct{}{}
		}
	}
	return out
}

// without are the tasks of g that other lacks.
func (g *group) without(other *group) []string {
	return slices.DeleteFunc(g.sorted(), func(task string) bool {
		_, there := other.tasks[task]
		return there
	})
}

func abs(n int) int { return max(n, -n) }
