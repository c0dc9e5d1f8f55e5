package failures

import (
	"cmp"
	"slices"

	"github.com/assay-dev/assay/harness"
)

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
		from, failedBefore := Of(old)
		to, failedAfter := Of(r)
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
