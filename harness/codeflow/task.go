package codeflow

import (
	"context"
	"sync"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/generate"
	"github.com/assay-dev/assay/harness/model"
)

// Task is what a model is asked to solve.
type Task struct {
	ID     string
	Source string // where it is from
	Entry  string // the function that is asked for; "": any

	problem *benchmarks.Problem // of a suite; nil: the model writes the tests too
	written Written
	ready   question // where nothing has to be asked first

	once sync.Once
	made question
	err  error
}

// question is how a task is put to a model.
type question struct {
	prompt  string        // the task as text
	opening model.Request // what the model reads for the first attempt
	asides  []Aside       // what was asked for that
	reason  string        // why there is no task
}

// FromSuite makes tasks of a suite's problems: what a program has to do is known,
// and judged by the suite's own inputs. They are put in the style that the options
// name.
func FromSuite(s *benchmarks.Suite, problems []*benchmarks.Problem, style generate.Style) []*Task {
	tasks := make([]*Task, len(problems))
	for i, p := range problems {
		var r model.Request
		style.Put(s.Name, p, &r)
		tasks[i] = &Task{
			ID: p.ID, Source: s.Name + "@" + s.Version, Entry: p.EntryPoint, problem: p,
			ready: question{prompt: p.Text(), opening: r},
		}
	}
	return tasks
}

// question gives the question. A task that the model makes is made once,
// whichever of its traces comes first.
func (t *Task) question(ctx context.Context, c *Config) (question, error) {
	if t.ready.prompt != "" {
		return t.ready, nil
	}
	t.once.Do(func() { t.made, t.err = t.make(ctx, c) })
	return t.made, t.err
}

// Judge judges an attempt at a suite's problem; *judge.Judge is one.
type Judge interface {
	Judge(ctx context.Context, p *benchmarks.Problem, s benchmarks.Sample) (harness.Record, error)
}
