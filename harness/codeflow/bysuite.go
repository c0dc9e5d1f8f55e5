package codeflow

import (
	"context"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/extract"
	"github.com/assay-dev/assay/harness/generate"
)

// bySuite judges attempts at a suite's problem.
type bySuite struct{ *loop }

// read takes the programs out of the answers.
func (l bySuite) read(ctx context.Context, steps []Step, _ *Step) error {
	answers := make([]extract.Answer, len(steps))
	for k := range steps {
		answers[k] = l.Options.Prompt.Answer(l.opening, l.task.problem, steps[k].Answer)
	}
	programs, err := extract.All(ctx, l.Programs, answers)
	for k := range programs {
		steps[k].setProgram(programs[k].Source)
	}
	return err
}

// judge has the suite's judge say what an attempt is worth.
func (l bySuite) judge(ctx context.Context, s *Step) error {
	rec, err := l.Judge.Judge(ctx, l.task.problem, benchmarks.Sample{TaskID: l.task.ID, Solution: s.Program})
	if err != nil {
		return err
	}
	if rec.Verdict == harness.InfraError {
		return &unjudged{detail(rec.Failure)}
	}
	s.Verdict, s.Failure, s.Fuel, s.Judged = rec.Verdict, rec.Failure, rec.Fuel, rec.Identity
	if rec.Base != "" && rec.Plus != "" && l.Options.Feedback != FromAll {
		s.Verdict, s.HeldOut = rec.Base, rec.Plus
	}
	if s.Verdict == harness.Pass {
		s.Failure = nil
		return nil
	}
	s.Right = rightBefore(l.task.problem, s.Failure)
	if l.Options.Feedback != NoFeedback {
		s.Feedback = feedback(s.Verdict, l.task.Entry, s.Failure, l.want())
	}
	return nil
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
