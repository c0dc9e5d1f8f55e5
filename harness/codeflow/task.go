package codeflow

import (
	"context"

	"assay/benchmarks"
	"assay/harness"
	"assay/harness/model"
)

// Task is what a model is asked to solve.
type Task struct {
	ID     string
	Source string // where it is from
	Prompt string // the task as text
	Entry  string // the function that is asked for; "": any

	problem *benchmarks.Problem
	opening []model.Message // the chat that asks for the first attempt
}

// FromSuite makes tasks of a suite's problems: what a program has to do is known,
// and judged by the suite's own inputs.
func FromSuite(s *benchmarks.Suite, problems []*benchmarks.Problem) []Task {
	tasks := make([]Task, len(problems))
	for i, p := range problems {
		var r model.Request
		generateStyle.Put(s.Name, p, &r)
		tasks[i] = Task{
			ID: p.ID, Source: s.Name + "@" + s.Version, Prompt: p.Prompt, Entry: p.EntryPoint,
			problem: p, opening: r.Messages,
		}
	}
	return tasks
}

// Judge judges an attempt at a suite's problem; *judge.Judge is one.
type Judge interface {
	Judge(ctx context.Context, p *benchmarks.Problem, s benchmarks.Sample) (harness.Record, error)
}
