package codeflow

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/progress"
)

// LogName is the file of requests in a folder of codeflow's.
const LogName = "requests.jsonl"

// ahead is how many traces are under way or wait for their turn to be written,
// for each request that may be under way.
const ahead = 4

// Run makes all traces and writes them. When ctx is cancelled it returns
// *Interrupted; the same run goes on from there.
func Run(ctx context.Context, c Config) (*Stats, error) {
	c = c.withDefaults()
	r := &running{Config: c, status: status{Total: len(c.Tasks) * c.Options.Traces}, tally: newTally(c)}
	if err := r.run(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, &interrupted{Done: r.status.Done, Total: r.status.Total, Cause: ctx.Err()}
		}
		return nil, err
	}
	return r.tally.stats(), nil
}

// running makes traces in any order and takes them in the order of the tasks.
type running struct {
	Config
	status status
	tally  *tally
	failed error // the first reason why a trace could not be finished
}

// status is where a run stands.
type status struct {
	Done, Total int // traces
	Passed      int
	Failed      int // traces that can't be finished
}

// made is a trace, or why there is none.
type made struct {
	trace *Trace
	err   error
}

func (r *running) run(ctx context.Context) error {
	file, err := atomicfile.Create(filepath.Join(r.Dir, TracesName))
	if err != nil {
		return err
	}
	defer file.Discard()
	turns := make(chan chan made, ahead*r.Client.Concurrency)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.start(ctx, g, turns) })
	g.Go(func() error { return r.take(ctx, turns, file) })
	if err := g.Wait(); err != nil {
		return err
	}
	if n := r.status.Failed; n > 0 && !r.Partial {
		return fmt.Errorf("%d of %d traces could not be finished, the first one because of %w; what was answered is kept: go on with the same command, or write what there is with --partial", n, r.status.Total, r.failed)
	}
	if r.status.Done == 0 {
		return errors.New("no trace was finished: there is nothing to write")
	}
	if err := atomicfile.WriteDocument(filepath.Join(r.Dir, StatsName), r.tally.stats()); err != nil {
		return err
	}
	return file.Commit()
}

// start begins traces as long as there is room before those whose turn it is.
func (r *running) start(ctx context.Context, g *errgroup.Group, turns chan<- chan made) error {
	defer close(turns)
	slots := make(chan struct{}, r.Workers)
	for i := range r.status.Total {
		turn := make(chan made, 1)
		select {
		case turns <- turn:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		l := &loop{Config: &r.Config, task: r.Tasks[i/r.Options.Traces], n: i % r.Options.Traces, slots: slots}
		g.Go(func() error {
			trace, err := l.run(ctx)
			var failed *model.Failed
			var fault *unjudged
			if err != nil && !errors.As(err, &failed) && !errors.As(err, &fault) {
				return err
			}
			turn <- made{trace, err}
			return nil
		})
	}
	return nil
}

// take writes the traces, each in its turn.
func (r *running) take(ctx context.Context, turns <-chan chan made, file *atomicfile.File) error {
	r.tell()
	for turn := range turns {
		var m made
		select {
		case m = <-turn:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if m.err != nil {
			r.status.Failed++
			if r.failed == nil {
				r.failed = m.err
			}
			continue
		}
		if err := jsonl.Write(file, m.trace); err != nil {
			return err
		}
		r.tally.add(m.trace)
		r.status.Done++
		if m.trace.Outcome == Passed {
			r.status.Passed++
		}
		r.tell()
	}
	return nil
}

func (r *running) tell() {
	s, stats := r.status, r.Client.Stats()
	r.Progress.Tell(progress.Event{
		Stage: "refining", Verb: "traced", Things: "traces", Done: int64(s.Done), Total: int64(s.Total),
		Detail: fmt.Sprintf("passed %d, dropped %d, %s sent, %s", s.Passed, s.Done-s.Passed, humanize.Plural(int(stats.Sent), "request"), stats.Text(s.Failed)),
	})
}
