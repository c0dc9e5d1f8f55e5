package codeflow

import (
	"context"
	"strings"
	"sync"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/extract"
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

// bySuite judges attempts at a suite's problem.
type bySuite struct{ *loop }

// read takes the programs out of the answers.
func (l bySuite) read(ctx context.Context, steps []Step, _ *Step) error {
	answers := make([]extract.Answer, len(steps))
	for k := range steps {
		answers[k] = l.Options.Prompt.Answer(l.Options.Extract, l.opening, l.task.problem, steps[k].Answer)
	}
	programs, err := extract.All(ctx, l.Programs, answers)
	for k := range programs {
		steps[k].setProgram(programs[k].Source)
	}
	return err
}

// judge has the suite's judge say what an attempt is worth.
func (l bySuite) judge(ctx context.Context, s *Step) error {
	if strings.TrimSpace(s.Program) == "" {
		s.Verdict = NoProgram
		l.tell(s, "I could not find a program in your answer. "+l.wantAgain())
		return nil
	}
	rec, err := l.Judge.Judge(ctx, l.task.problem, benchmarks.Sample{TaskID: l.task.ID, Solution: s.Program})
	if err != nil {
		return err
	}
	if rec.Verdict == harness.InfraError {
		return &unjudged{detail(rec.Failure)}
	}
	s.Verdict, s.Failure, s.Fuel, s.Judged = rec.Verdict, rec.Failure, rec.Fuel, rec.Identity
	if rec.Base != "" && rec.Plus != "" && l.Options.Feedback != fromAll {
		s.Verdict, s.HeldOut = rec.Base, rec.Plus
	}
	if s.Verdict == harness.Pass {
		s.Failure = nil
		return nil
	}
	s.Right = rightBefore(l.task.problem, s.Failure)
	l.tell(s, feedback(s.Verdict, l.task.Entry, s.Failure, l.want()))
	return nil
}

// wantAgain says what is wanted where there was no program.
func (l bySuite) wantAgain() string {
	if l.Options.Prompt == generate.Base {
		return goOn
	}
	return "Write the whole program in one markdown code block."
}

// want says what is wanted of the next attempt. A model that goes on with a text
// finds the problem's own beginning after it.
func (l bySuite) want() string {
	if l.Options.Prompt == generate.Base {
		return goOn
	}
	return refine
}

func detail(f *harness.Failure) string {
	if f == nil {
		return ""
	}
	return f.Detail
}

// rightBefore counts the inputs that were right before the first that was not.
func rightBefore(p *benchmarks.Problem, f *harness.Failure) *int {
	if f == nil || f.Input == nil {
		return nil
	}
	right := *f.Input
	for i := range p.Sets {
		if p.Sets[i].Name == f.Set {
			break
		}
		right += p.Sets[i].N
	}
	return &right
}
