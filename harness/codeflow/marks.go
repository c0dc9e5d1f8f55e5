package codeflow

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/assay-dev/assay/harness/model"
)

const (
	examiner  = "You are a strict reviewer of tests."
	wantMarks = `Give the tests marks from 1 (bad) to 5 (good):
accuracy: what they expect is what the task says;
effectiveness: a wrong solution would fail them;
reasonableness: they test what the task is about, no more, and can be understood.
Answer with JSON and nothing else: {"accuracy": 1, "effectiveness": 1, "reasonableness": 1}`
)

// mark asks the judge model, and says why the trace is dropped then; "" where it
// is not.
func (l *loop) mark(ctx context.Context, t *Trace) (string, error) {
	last := t.Last()
	a, err := l.aside(ctx, MarkTests, l.task.ID, l.n, cmp.Or(l.Options.JudgeModel, l.Options.Model), []model.Message{
		{Role: model.System, Content: examiner},
		{Role: model.User, Content: fmt.Sprintf("Task:\n%s\n\nSolution:\n```python\n%s\n```\n\nTests:\n```python\n%s\n```\n\n%s", t.Prompt, last.Program, last.Tests, wantMarks)},
	})
	if err != nil {
		return "", err
	}
	t.Asides = append(t.Asides[:len(t.Asides):len(t.Asides)], a)
	marks, err := readMarks(a.Answer)
	if err != nil {
		return NoMarks, nil
	}
	t.Quality.Marks = marks
	if min(marks.Accuracy, marks.Effectiveness, marks.Reasonableness) < l.Options.Least.Marks {
		return LowMarks, nil
	}
	return "", nil
}

// readMarks reads an answer that is marks and nothing else, in a code block
// maybe.
func readMarks(answer string) (*Marks, error) {
	if in := blocks(answer); len(in) == 1 && strings.HasPrefix(strings.TrimSpace(answer), "```") {
		answer = in[0]
	}
	d := json.NewDecoder(strings.NewReader(answer))
	d.DisallowUnknownFields()
	m := &Marks{}
	if err := d.Decode(m); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than marks")
	}
	for _, mark := range []int{m.Accuracy, m.Effectiveness, m.Reasonableness} {
		if mark < 1 || mark > 5 {
			return nil, fmt.Errorf("a mark of %d", mark)
		}
	}
	return m, nil
}
