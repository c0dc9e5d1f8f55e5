package generate

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/progress"
)

// Run asks for every sample that the log does not have, and writes the files.
// When ctx is cancelled it returns *Interrupted; the same run goes on from
// there.
func Run(ctx context.Context, c Config) (*Summary, error) {
	c = c.withDefaults()
	a := &asking{Config: c, status: status{Total: len(c.Problems) * c.Options.N}, taken: &programs{runtime: c.Runtime}}
	summary, err := a.run(ctx)
	if err != nil && ctx.Err() != nil {
		return nil, &Interrupted{Done: a.status.Done, Total: a.status.Total, Cause: ctx.Err()}
	}
	return summary, err
}

// asking is the first half of a run: until the log has all answers.
type asking struct {
	Config

	taken *programs

	mu     sync.Mutex
	status status
	failed error // the first reason why samples were given up
}

// status is where the asking stands.
type status struct {
	Done, Total int // samples
	Known       int // of these, answered before this run
	Failed      int // samples given up
}

func (a *asking) run(ctx context.Context) (*Summary, error) {
	if err := a.ask(ctx, a.units()); err != nil {
		return nil, err
	}
	if n := a.status.Failed; n > 0 && !a.Partial {
		return nil, fmt.Errorf("%d of %d samples have no answer, the first one because of %w; the others are kept: ask again with the same command, or write what there is with --partial", n, a.status.Total, a.failed)
	}
	a.Following.Asked()
	w := &writing{Config: a.Config, taken: a.taken, summary: Summary{
		Suite: a.Suite.Name + "@" + a.Suite.Version, Backend: a.Client.Identity(), Model: a.Options.Model, Tasks: len(a.Problems), Missing: []string{},
	}}
	return w.run(ctx)
}

// unit is a request that may still be made.
type unit struct {
	problem  *benchmarks.Problem
	index, n int
}

// units are the stretches of samples that are not answered yet: the first
// samples of all tasks, then the second ones, so that a run that is stopped has
// some of each.
func (a *asking) units() []unit {
	var units []unit
	for at := 0; at < a.Options.N; at += a.Batch {
		n := min(a.Batch, a.Options.N-at)
		for _, p := range a.Problems {
			known := a.known(a.request(p, at, n))
			a.status.Known += known
			if known < n {
				units = append(units, unit{p, at, n})
			}
		}
	}
	a.status.Done = a.status.Known
	return units
}

// known counts the samples of a request that are answered.
func (a *asking) known(r model.Request) (n int) {
	for i := r.Index; i < r.Index+r.N; i++ {
		if a.Client.Log.Has(r.Only(i, 1)) {
			n++
		}
	}
	return n
}

// ask has twice as many requests at hand as may be under way, so that none
// waits for the log.
func (a *asking) ask(ctx context.Context, units []unit) error {
	a.count(0, nil)
	for at := range a.Options.N { // as they were asked for
		for _, p := range a.Problems {
			if err := a.tell(a.request(p, at, 1), p); err != nil {
				return err
			}
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2 * a.Client.Concurrency)
	for _, u := range units {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			r := a.request(u.problem, u.index, u.n)
			before := a.known(r)
			_, err := a.Client.Complete(ctx, r)
			var failed *model.Failed
			if err != nil && !errors.As(err, &failed) {
				return err
			}
			a.count(a.known(r)-before, failed)
			return a.tell(r, u.problem)
		})
	}
	return g.Wait()
}

// tell passes on what r is answered, as far as it is.
func (a *asking) tell(r model.Request, p *benchmarks.Problem) error {
	if a.Following == (nobody{}) {
		return nil
	}
	for i := range r.N {
		text, ok, err := a.Client.Log.Text(r.Only(r.Index+i, 1))
		if err != nil {
			return err
		}
		if ok {
			answer := a.Options.Style.Answer(r, p, text.Text)
			a.Following.Answered(p, r.Index+i, func(ctx context.Context) (string, error) { return a.taken.early(ctx, answer) })
		}
	}
	return nil
}

func (a *asking) count(answered int, failed *model.Failed) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status.Done += answered
	if failed != nil {
		a.status.Failed += failed.Request.N
		if a.failed == nil {
			a.failed = failed
		}
	}
	s := a.status
	a.Progress.Tell(progress.Event{
		Stage: "asking", Verb: "answered", Things: "samples",
		Done: int64(s.Done), Total: int64(s.Total), Known: int64(s.Known),
		Detail: a.Client.Stats().Text(s.Failed) + a.Following.Detail(),
	})
}
