package score

import (
	"slices"

	"github.com/assay-dev/assay/harness"
)

// Tally counts one task's samples.
type Tally struct {
	TaskID  string `json:"task_id"`
	N       int    `json:"n"`               // samples with a verdict
	Correct int    `json:"correct"`         // of these, passed
	Infra   int    `json:"infra,omitempty"` // samples lost to faults of ours, in neither
}

// Rate is the share of correct samples, the task's pass@1.
func (t Tally) Rate() float64 { return PassAtK(t.N, t.Correct, 1) }

// Passed says whether a record counts as correct.
type Passed func(harness.Record) bool

// Overall counts the verdict on everything that was judged.
func Overall(r harness.Record) bool { return r.Verdict == harness.Pass }

// Base counts the base inputs alone.
func Base(r harness.Record) bool { return r.Base == harness.Pass }

// Plus counts a sample that passes the base inputs and the plus inputs, as
// evalplus has it.
func Plus(r harness.Record) bool { return r.Base == harness.Pass && r.Plus == harness.Pass }

// Tallies counts records by task, in the order of harness.CompareTasks.
func Tallies(records []harness.Record, passed Passed) []Tally {
	byTask := map[string]*Tally{}
	for _, r := range records {
		t := byTask[r.TaskID]
		if t == nil {
			t = &Tally{TaskID: r.TaskID}
			byTask[r.TaskID] = t
		}
		switch {
		case r.Verdict == harness.InfraError:
			t.Infra++
		case passed(r):
			t.N, t.Correct = t.N+1, t.Correct+1
		default:
			t.N++
		}
	}
	out := make([]Tally, 0, len(byTask))
	for _, t := range byTask {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Tally) int { return harness.CompareTasks(a.TaskID, b.TaskID) })
	return out
}
