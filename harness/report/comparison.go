package report

import (
	"fmt"
	"slices"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/failures"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/harness/score"
)

// comparison is a run beside the first one.
type comparison struct {
	A, B   *evalRun
	Notes  []string
	Sets   []comparedSet
	Flips  []flip // tasks that fare otherwise in the strictest set
	Causes failures.Changes
}

type comparedSet struct {
	Set string
	score.Comparison
}

// flip is a task that fares otherwise in the second run.
type flip struct {
	Task   string
	Change string // gained or lost
	A, B   []row
}

func compared(a, b *evalRun) *comparison {
	full := run.Compare(a.stored, b.stored)
	c := &comparison{A: a, B: b, Causes: failures.Compare(a.stored.Records, b.stored.Records)}
	for _, note := range full.Notes {
		c.Notes = append(c.Notes, line(note))
	}
	for _, set := range sets {
		if s, ok := full.Sets[set]; ok && s.Tasks > 0 {
			c.Sets = append(c.Sets, comparedSet{set, s})
		}
	}
	if len(c.Sets) == 0 {
		c.Notes = append(c.Notes, "The runs have no task in common that has a verdict in both.")
		return c
	}
	strictest := c.Sets[len(c.Sets)-1]
	byTask := func(e *evalRun) map[string][]row {
		out := map[string][]row{}
		for _, r := range e.Rows {
			out[r.record.TaskID] = append(out[r.record.TaskID], r)
		}
		return out
	}
	rowsA, rowsB := byTask(a), byTask(b)
	for _, list := range []struct {
		change string
		tasks  []string
	}{{"gained", strictest.Gained}, {"lost", strictest.Lost}} {
		for _, id := range list.tasks {
			c.Flips = append(c.Flips, flip{line(id), list.change, rowsA[id], rowsB[id]})
		}
	}
	slices.SortStableFunc(c.Flips, func(a, b flip) int { return harness.CompareTasks(a.Task, b.Task) })
	return c
}

// Difference is what the second run's rate is above the first one's.
func (s comparedSet) Difference() string {
	return fmt.Sprintf("%+.4f (%.0f %% interval %+.4f to %+.4f)", s.RateB-s.RateA, 100*s.Interval.Confidence, s.Interval.Low, s.Interval.High)
}
