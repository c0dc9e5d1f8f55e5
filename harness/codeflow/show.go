package codeflow

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/harness/run"
)

// Find reads the traces of a task, "HumanEval/3", or one of them, "HumanEval/3#1",
// from a folder of codeflow's.
func Find(dir, name string) ([]*Trace, error) {
	task, sample, one := strings.Cut(name, "#")
	n, err := strconv.Atoi(sample)
	if one && err != nil {
		return nil, fmt.Errorf("%q: what follows # is the number of a trace", name)
	}
	var out []*Trace
	err = ReadTraces(filepath.Join(dir, TracesName), func(t *Trace) error {
		if t.TaskID == task && (!one || t.Sample == n) {
			out = append(out, t)
		}
		return nil
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s holds no %s: a run writes it at its end, so go on with the same command", dir, TracesName)
	case err == nil && len(out) == 0:
		err = fmt.Errorf("%s holds no %s", dir, name)
	}
	return out, err
}

// Show writes a trace for people: what was asked, and each attempt with what the
// model was told about it.
func (t *Trace) Show(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  trace %d  %s", run.Escape(t.TaskID), t.Sample, t.Outcome)
	if t.Reason != "" {
		b.WriteString(": " + t.Reason)
	}
	b.WriteString("\n")
	run.Section(&b, "task", t.Prompt)
	if t.Overlap != nil {
		run.Section(&b, "in common with "+t.Overlap.Problem, t.Overlap.Words)
	}
	tests := ""
	for i := range t.Steps {
		s := &t.Steps[i]
		run.Section(&b, s.title(), run.Numbered(s.Program))
		if s.Program == "" {
			run.Section(&b, "answer", s.Answer)
		}
		if s.Tests != tests {
			tests = s.Tests
			run.Section(&b, "tests", run.Numbered(tests))
		}
		run.Section(&b, "told", s.Feedback)
	}
	if q := t.Quality; q != nil {
		run.Section(&b, "the tests", q.Text())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *Step) title() string {
	title := fmt.Sprintf("iteration %d", s.Iteration)
	if s.Candidate > 0 || !s.Chosen {
		title += fmt.Sprintf(", candidate %d", s.Candidate)
	}
	title += ": " + string(s.Verdict)
	if s.HeldOut != "" {
		title += ", held out: " + string(s.HeldOut)
	}
	if s.Program == "" {
		return title + ", no program"
	}
	return title
}

// Text is what the tests are worth, for people.
func (q *Quality) Text() string {
	out := fmt.Sprintf("tests %d, lines run %d of %d, branches %d of %d, broken solutions noticed %d of %d",
		q.Tests, q.LinesRun, q.Lines, q.BranchesRun, q.Branches, q.MutantsFound, q.Mutants)
	if m := q.Marks; m != nil {
		out += fmt.Sprintf("\nmarks: accuracy %d, effectiveness %d, reasonableness %d", m.Accuracy, m.Effectiveness, m.Reasonableness)
	}
	if why := q.Trivial + q.Flaky; why != "" { // what is trivial is not looked at for flaky
		out += "\nbut " + why
	}
	return out
}
