package benchmarks

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

// Dispute says what is wrong, or held to be wrong, with a task itself: a right
// program may fail it, or a wrong one pass.
type Dispute struct {
	Task   string `json:"task_id"`
	What   string `json:"what"`             // one of Disputable
	About  string `json:"about"`            // a sentence
	Thread string `json:"thread,omitempty"` // the address at which it is discussed in public

	suites []string // that have the task: "humaneval+" for all versions, or "humaneval+@v0.1.9"
}

// Disputable are the parts of a task that are disputed: the statement says other
// than the tests, the tests are wrong or want one of several right answers, the
// task's own solution is wrong, or the tests hang on the world outside.
var Disputable = []string{"statement", "tests", "solution", "environment"}

//go:embed disputed.tsv
var disputedTable string

// disputes are the rows of the table, in its order. A task has one at most.
var disputes = func() []Dispute {
	all, err := parseDisputes(disputedTable)
	if err != nil {
		panic(err) // it is part of the program, and a test reads it
	}
	return all
}()

func parseDisputes(table string) ([]Dispute, error) {
	var out []Dispute
	head, rows, _ := strings.Cut(table, "\n")
	if head != "task\tsuites\twhat\tabout\tthread" {
		return nil, fmt.Errorf("disputed.tsv:1: the columns are %q", head)
	}
	n := 1
	for row := range strings.Lines(rows) {
		n++
		f := strings.Split(strings.TrimSuffix(row, "\n"), "\t")
		if len(f) != 5 || slices.Contains(f, "") || !slices.Contains(Disputable, f[2]) {
			return nil, fmt.Errorf("disputed.tsv:%d: want a task, suites, one of %s, a sentence and an address", n, strings.Join(Disputable, ", "))
		}
		out = append(out, Dispute{Task: f[0], suites: strings.Fields(f[1]), What: f[2], About: f[3], Thread: f[4]})
	}
	return out, nil
}

// Disputed lists the tasks of this version of a suite that are disputed.
func (i Info) Disputed() []Dispute {
	var out []Dispute
	for _, d := range disputes {
		if slices.Contains(d.suites, i.Name) || slices.Contains(d.suites, i.Spec()) {
			out = append(out, d)
		}
	}
	return out
}

// Disputed is what is disputed of the suite's tasks, by id. The table may name a
// task by its title, as LiveCodeBench's own list does.
func (s *Suite) Disputed() map[string]Dispute {
	out := map[string]Dispute{}
	rows := Info{Name: s.Name, Version: s.Version}.Disputed()
	for _, p := range s.Problems {
		i := slices.IndexFunc(rows, func(d Dispute) bool { return d.Task == p.ID || d.Task == p.Contest.Title && d.Task != "" })
		if i >= 0 {
			d := rows[i]
			d.Task = p.ID
			out[p.ID] = d
		}
	}
	return out
}
