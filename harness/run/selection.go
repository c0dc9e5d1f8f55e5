package run

import (
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/assay-dev/assay/benchmarks"
)

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
