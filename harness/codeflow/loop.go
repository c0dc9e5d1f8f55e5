package codeflow

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/model"
)

// loop makes one trace.
type loop struct {
	*Config
	task    *Task
	n       int           // which of the task's traces
	slots   chan struct{} // one for each program that may be in the sandbox
	opening model.Request // what the model reads for the first attempt
}

// judging says what attempts are worth.
type judging interface {
	// read takes the program, and the tests where they are the model's, out of
	// each answer. last is the step that they start from; nil: none.
	read(ctx context.Context, steps []Step, last *Step) error
	// judge fills in the verdict and what the model is told.
	judge(ctx context.Context, s *Step) error
}

func (l *loop) judging() judging {
	if l.task.problem != nil {
		return bySuite{l}
	}
	return byTests{l}
}

// run goes on until an attempt passes or there are no iterations left.
func (l *loop) run(ctx context.Context) (*Trace, error) {
	t := &Trace{
		Version: TraceVersion, TaskID: l.task.ID, Sample: l.n, Source: l.task.Source, Entry: l.task.Entry,
		Runtime: l.Runtime, Steps: []Step{}, Outcome: Dropped, Reason: NeverPassed,
	}
	q, err := l.task.question(ctx, l.Config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.task.ID, err)
	}
	t.Prompt, l.opening = q.prompt, q.opening
	if l.n == 0 {
		t.Asides = q.asides
	}
	if t.Overlap = l.Overlaps.find(t.Prompt); t.Overlap != nil {
		q.reason = contaminated
	}
	if q.reason != "" {
		t.Reason = q.reason
		return t, nil
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
	if t.Outcome == Passed && l.task.problem == nil {
		err = l.examine(ctx, t)
	}
	return t, err
}

// iteration asks for attempts, judges them and chooses one.
func (l *loop) iteration(ctx context.Context, i int, last *Step) ([]Step, error) {
	if l.Options.Feedback == noFeedback {
		last = nil
	}
	steps, err := l.attempts(ctx, l.Options.request(l.task, l.n, i, l.reads(last)))
	if err != nil {
		return nil, err
	}
	leave, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	by := l.judging()
	if err := by.read(ctx, steps, last); err != nil {
		return nil, err
	}
	for k := range steps {
		steps[k].Iteration, steps[k].Candidate = i, k
		if err := by.judge(ctx, &steps[k]); err != nil {
			return nil, err
		}
	}
	choose(steps)
	return steps, nil
}

// enter waits for a place in the sandbox, which leave gives back.
func (l *loop) enter(ctx context.Context) (leave func(), err error) {
	select {
	case l.slots <- struct{}{}:
		return func() { <-l.slots }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// attempts asks for the answers of an iteration.
func (l *loop) attempts(ctx context.Context, r model.Request) ([]Step, error) {
	answers, err := l.ask(ctx, r)
	steps := make([]Step, len(answers))
	for k, a := range answers {
		steps[k] = Step{Request: a.Request, Temperature: r.Temperature, Answer: a.Answer, Finish: a.Finish, Usage: a.Usage}
	}
	return steps, err
}

func (s *Step) setProgram(source string) {
	sum := sha256.Sum256([]byte(source))
	s.Program, s.ProgramSHA256 = source, hex.EncodeToString(sum[:])
}

// unjudged is a fault of ours: the trace can't go on, another run may do better.
type unjudged struct{ why string }

func (u *unjudged) Error() string {
	return "the attempt could not be judged, by a fault of ours: " + cmp.Or(u.why, "no reason is known")
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

// ask gets the answers to a request, from the log or from the model.
func (c *Config) ask(ctx context.Context, r model.Request) ([]Aside, error) {
	if _, err := c.Client.Complete(ctx, r); err != nil {
		return nil, err
	}
	out := make([]Aside, r.N)
	for k := range out {
		one := r.Only(r.Index+k, 1)
		text, usage, ok, err := c.Client.Log.Sample(one)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, errors.New("the request log lacks an answer that it took")
		}
		key := one.Key()
		out[k] = Aside{Request: hex.EncodeToString(key[:]), Answer: text.Text, Finish: text.Finish, Usage: usage}
	}
	return out, nil
}

// aside asks a model once, for something that is no attempt.
func (c *Config) aside(ctx context.Context, purpose, task string, index int, by string, chat []model.Message) (Aside, error) {
	answers, err := c.ask(ctx, model.Request{
		Task: task + ":" + purpose, Index: index, N: 1, Model: by, Messages: chat,
		TopP: c.Options.TopP, MaxTokens: c.Options.MaxTokens, Seed: c.Options.Seed,
	})
	if err != nil {
		return Aside{}, err
	}
	answers[0].Purpose = purpose
	return answers[0], nil
}
