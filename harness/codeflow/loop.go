package codeflow

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"assay/benchmarks"
	"assay/harness"
	"assay/harness/extract"
	"assay/harness/model"
)

// loop makes one trace.
type loop struct {
	*Config
	task  *Task
	n     int           // which of the task's traces
	slots chan struct{} // one for each program that may be in the sandbox
}

// run goes on until an attempt passes or there are no iterations left.
func (l *loop) run(ctx context.Context) (*Trace, error) {
	t := &Trace{
		Version: TraceVersion, TaskID: l.task.ID, Sample: l.n, Source: l.task.Source, Prompt: l.task.Prompt, Entry: l.task.Entry,
		Runtime: l.Runtime, Steps: []Step{}, Outcome: Dropped, Reason: NeverPassed,
	}
	for i := range l.Options.Iterations + 1 {
		steps, err := l.iteration(ctx, i, t.Last())
		if err != nil {
			return nil, fmt.Errorf("%s, trace %d, iteration %d: %w", l.task.ID, l.n, i, err)
		}
		t.Steps = append(t.Steps, steps...)
		if t.Last().Verdict == harness.Pass {
			t.Outcome, t.Reason = Passed, ""
			break
		}
	}
	return t, nil
}

// iteration asks for attempts, judges them and chooses one.
func (l *loop) iteration(ctx context.Context, i int, last *Step) ([]Step, error) {
	steps, err := l.attempts(ctx, l.Options.request(l.task, l.n, i, l.chat(last)))
	if err != nil {
		return nil, err
	}
	select {
	case l.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-l.slots }()
	if err := l.extract(ctx, steps); err != nil {
		return nil, err
	}
	for k := range steps {
		steps[k].Iteration, steps[k].Candidate = i, k
		if err := l.judge(ctx, &steps[k]); err != nil {
			return nil, err
		}
	}
	choose(steps)
	return steps, nil
}

// chat is what the model reads: the task, and the last attempt with what became
// of it.
func (l *loop) chat(last *Step) []model.Message {
	if last == nil || l.Options.Feedback == NoFeedback {
		return l.task.opening
	}
	return append(l.task.opening[:len(l.task.opening):len(l.task.opening)],
		model.Message{Role: model.Assistant, Content: last.Answer},
		model.Message{Role: model.User, Content: last.Feedback})
}

// attempts gets the answers, from the log or from the model.
func (l *loop) attempts(ctx context.Context, r model.Request) ([]Step, error) {
	if _, err := l.Client.Complete(ctx, r); err != nil {
		return nil, err
	}
	steps := make([]Step, r.N)
	for k := range steps {
		one := r.Only(r.Index+k, 1)
		text, usage, ok, err := l.Client.Log.Sample(one)
		if err != nil || !ok {
			return nil, errors.Join(err, errors.New("the request log lacks an answer that it took"))
		}
		key := one.Key()
		steps[k] = Step{
			Request: hex.EncodeToString(key[:]), Temperature: r.Temperature,
			Answer: text.Text, Finish: text.Finish, Usage: usage,
		}
	}
	return steps, nil
}

func (l *loop) extract(ctx context.Context, steps []Step) error {
	answers := make([]extract.Answer, len(steps))
	for k := range steps {
		answers[k] = extract.Answer{Text: steps[k].Answer, Entry: l.task.Entry}
	}
	programs, err := extract.All(ctx, l.Extractor, answers)
	for k := range programs {
		steps[k].setProgram(programs[k].Source)
	}
	return err
}

func (s *Step) setProgram(source string) {
	sum := sha256.Sum256([]byte(source))
	s.Program, s.ProgramSHA256 = source, hex.EncodeToString(sum[:])
}

// judge has the suite's judge say what an attempt is worth.
func (l *loop) judge(ctx context.Context, s *Step) error {
	rec, err := l.Judge.Judge(ctx, l.task.problem, benchmarks.Sample{TaskID: l.task.ID, Solution: s.Program})
	if err != nil {
		return err
	}
	if rec.Verdict == harness.InfraError {
		return &unjudged{rec.Failure}
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
		s.Feedback = feedback(s.Verdict, l.task.Entry, s.Failure)
	}
	return nil
}

// unjudged is a fault of ours: the trace can't go on, another run may do better.
type unjudged struct{ failure *harness.Failure }

func (u *unjudged) Error() string {
	why := "no reason is known"
	if u.failure != nil {
		why = cmp.Or(u.failure.Detail, why)
	}
	return "the attempt could not be judged, by a fault of ours: " + why
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

// choose marks the best attempt: the first that passes, else the one that got
// furthest, and of those the first.
func choose(steps []Step) {
	best := 0
	for k := range steps {
		if worth(&steps[k]) > worth(&steps[best]) {
			best = k
		}
	}
	steps[best].Chosen = true
}

// worth orders attempts. One that was wrong somewhere is ahead of one that ended
// otherwise at the same place.
func worth(s *Step) int {
	switch {
	case s.Verdict == harness.Pass:
		return 1 << 40
	case s.Right == nil:
		return 0
	case s.Verdict == harness.WrongAnswer:
		return 2**s.Right + 2
	}
	return 2**s.Right + 1
}
