package codeflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/extract"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/internal/value"
)

// Bounds of a file of tasks, in bytes: one line, and a task's text.
const (
	maxTaskLine = 1 << 20
	maxTask     = 16 << 10
)

// Written is a line of a file of tasks: the task as text, or what a model makes
// one of.
type Written struct {
	TaskID   string   `json:"task_id"` // default Task/ and the line's number, from 0
	Task     string   `json:"task"`
	Snippet  string   `json:"snippet"`  // source code
	Concepts []string `json:"concepts"` // that the task should be about
}

// tasksSource is the Trace.Source of written tasks.
const tasksSource = "tasks"

// ReadTasks reads a file of tasks.
func ReadTasks(path string) ([]*Task, error) {
	f, err := plainfile.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readTasks(path, f)
}

func readTasks(name string, in io.Reader) ([]*Task, error) {
	r, err := jsonl.NewReader(name, in, jsonl.Bounds{Line: maxTaskLine})
	if err != nil {
		return nil, err
	}
	var tasks []*Task
	lines := map[string]int{}
	for text, err := range r.All() {
		if err != nil {
			return nil, err
		}
		t, err := readTask(text, len(tasks))
		if err != nil {
			return nil, r.Errorf("%w", err)
		}
		if first, there := lines[t.ID]; there {
			return nil, r.Errorf("task %q is there already, in line %d", t.ID, first)
		}
		lines[t.ID] = r.Line()
		tasks = append(tasks, t)
	}
	if len(tasks) == 0 {
		return nil, fmt.Errorf("%s has no tasks in it", name)
	}
	return tasks, nil
}

func readTask(text []byte, n int) (*Task, error) {
	w := Written{TaskID: fmt.Sprint("Task/", n)}
	if err := json.Unmarshal(text, &w); err != nil {
		return nil, fmt.Errorf("it is no task: %w", err)
	}
	w.Task = strings.TrimSpace(w.Task)
	switch {
	case w.TaskID == "":
		return nil, errors.New(`the task's "task_id" is empty`)
	case w.Task == "" && w.Snippet == "" && len(w.Concepts) == 0:
		return nil, errors.New(`the line has neither a "task" nor a "snippet" or "concepts" to make one of`)
	case len(w.Task) > maxTask:
		return nil, fmt.Errorf("the task has %d bytes; at most %d are taken", len(w.Task), maxTask)
	}
	t := &Task{ID: w.TaskID, Source: tasksSource, written: w}
	if w.Task != "" {
		t.ready = questionOf(w.Task)
	}
	return t, nil
}

func questionOf(task string) question {
	return question{prompt: task, opening: model.Request{Messages: []model.Message{
		{Role: model.System, Content: programmer},
		{Role: model.User, Content: task + "\n\n" + wantBlocks},
	}}}
}

// What models are told beside the task.
const (
	programmer = "You are a careful Python programmer."
	wantBlocks = "Write a solution and tests for it, in two markdown code blocks. " +
		"The first block is the solution: a whole program in Python that needs nothing but the standard library, and that reads and prints nothing. " +
		"The second block is the tests: functions whose names begin with test_, each with assert statements, which call the solution's functions by their names. " +
		"Test usual cases and edge cases."
	author   = "You write programming exercises."
	wantTask = "Write a programming exercise that is inspired by what follows, to be solved by a function in Python. " +
		"Say what the function is called, what it takes and what it returns, what happens in edge cases, and give an example. " +
		"Give no solution. It must make sense to somebody who has not read what follows. " +
		"Put the exercise between <task> and </task>."
)

// make asks the model for a task.
func (t *Task) make(ctx context.Context, c *Config) (question, error) {
	a, err := c.aside(ctx, makeTask, t.ID, 0, c.Options.Model, []model.Message{
		{Role: model.System, Content: author},
		{Role: model.User, Content: t.written.inspiration()},
	})
	if err != nil {
		return question{}, err
	}
	text, ok := between(a.Answer, "<task>", "</task>")
	if !ok || len(text) > maxTask {
		return question{asides: []Aside{a}, reason: noTask}, nil
	}
	q := questionOf(text)
	q.asides = []Aside{a}
	return q, nil
}

func (w *Written) inspiration() string {
	var b strings.Builder
	b.WriteString(wantTask + "\n")
	if len(w.Concepts) > 0 {
		fmt.Fprintf(&b, "\nConcepts: %s\n", strings.Join(w.Concepts, ", "))
	}
	if w.Snippet != "" {
		fmt.Fprintf(&b, "\nCode:\n```\n%s\n```\n", strings.TrimSpace(w.Snippet))
	}
	return b.String()
}

// between is what stands between two marks that are there once each.
func between(text, from, to string) (string, bool) {
	_, rest, ok1 := strings.Cut(text, from)
	inner, rest, ok2 := strings.Cut(rest, to)
	inner = strings.TrimSpace(inner)
	return inner, ok1 && ok2 && inner != "" && !strings.Contains(inner+rest, from) && !strings.Contains(rest, to)
}

// byTests judges attempts at a written task by the tests that came with them.
// Both share an interpreter, as the oracle unittest has it.
type byTests struct{ *loop }

// read takes the solution and the tests out of the answers. A refinement without
// tests keeps those that are there.
func (l byTests) read(ctx context.Context, steps []Step, last *Step) error {
	answers := make([]string, len(steps))
	for k := range steps {
		answers[k] = steps[k].Answer
	}
	pairs, err := extract.Pairs(ctx, l.Programs, answers)
	for k, p := range pairs {
		steps[k].Tests = p.Tests
		if p.Tests == "" && last != nil {
			steps[k].Tests = last.Tests
		}
		steps[k].setProgram(p.Program)
	}
	return err
}

const (
	refineBlocks = "Find the mistake and write the whole corrected solution in a markdown code block. " +
		"Only if the tests are wrong, write all tests, corrected, in a second block."
	noBlocks = "I could not find a solution and tests in your answer. " + wantBlocks
	noTests  = "There are no tests that I can run. " + wantBlocks
)

func (l byTests) judge(ctx context.Context, s *Step) error {
	none := 0
	s.Right = &none
	switch {
	case strings.TrimSpace(s.Program) == "" || strings.TrimSpace(s.Tests) == "", len(s.Program)+len(s.Tests) > maxProgram:
		s.Verdict, s.Right = NoProgram, nil
		l.tell(s, noBlocks)
		return nil
	}
	w := workbench{runtime: l.Programs}
	t, err := w.try(ctx, s.Program, s.Tests)
	if err != nil {
		return err
	}
	s.Verdict, s.Failure, s.Fuel, s.Right = t.verdict, t.failure, w.fuel, &t.right
	switch s.Verdict {
	case harness.Pass:
	case NoTests:
		l.tell(s, noTests)
	default:
		l.tell(s, feedback(s.Verdict, "", s.Failure, refineBlocks))
	}
	return nil
}

// tell is the feedback, where any is given.
func (l *loop) tell(s *Step, text string) {
	if l.Options.Feedback != noFeedback {
		s.Feedback = text
	}
}

// valid is a guest's string as text: lone surrogates are replaced.
func valid(s value.Str) string { return strings.ToValidUTF8(string(s), "\uFFFD") }
