package judge

import (
	"context"
	"sync"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
)

// partFuel is what the canonical solution uses on the inputs of one part of an
// input set, some seconds: one instance gets no more than that of a set, so that
// the longest set doesn't bound a run. Nearly every set is one part.
const partFuel = 50_000_000_000

// setRun is one candidate on one input set, part by part.
type setRun struct {
	judge    *Judge
	problem  *benchmarks.Problem
	set      inputSet
	expected *ExpectedSet

	verdict harness.Verdict
	failure *harness.Failure
	fuel    uint64
	pages   uint32
}

// run runs parts beside each other and takes them in order, up to the first that
// fails: what those after it did is of no account.
func (r *setRun) run(ctx context.Context, solution string) error {
	parts, err := r.parts()
	if err != nil {
		return err
	}
	next := make(chan int, len(parts))
	ended := make([]chan error, len(parts))
	for i := range parts {
		next <- i
		ended[i] = make(chan error, 1)
	}
	close(next)
	ctx, stop := context.WithCancel(ctx)
	var lanes sync.WaitGroup
	for range min(r.judge.config.Parallel, len(parts)) {
		lanes.Go(func() {
			for i := range next {
				err := parts[i].run(ctx, solution)
				ended[i] <- err
				if err != nil || parts[i].verdict != harness.Pass {
					return // parts before this one are taken already
				}
			}
		})
	}
	defer lanes.Wait()
	defer stop()
	for i := range parts {
		if err := <-ended[i]; err != nil {
			return err
		}
		if r.add(&parts[i]); r.verdict != harness.Pass {
			return nil
		}
	}
	if r.problem.Rule.NeverRecorded(r.judge.config.Compat) {
		r.verdict = harness.WrongAnswer
		r.failure = &harness.Failure{Set: r.set.name, Detail: neverRecordedDetail}
	}
	return nil
}

// add takes a part on which the candidate ended.
func (r *setRun) add(p *partRun) {
	r.verdict, r.failure = p.verdict, p.failure
	r.fuel += p.fuel
	r.pages = max(r.pages, p.pages)
}

// parts divides the set by what the canonical solution used. A set without
// inputs is one part: its program is loaded all the same.
func (r *setRun) parts() ([]partRun, error) {
	parts := []partRun{{setRun: r, to: len(r.set.args)}}
	var state benchmarks.RuleState
	used := uint64(0)
	for i := range r.expected.Wants {
		w := &r.expected.Wants[i]
		last := &parts[len(parts)-1]
		if used > 0 && used+w.Fuel > partFuel {
			last.to = i
			parts = append(parts, partRun{setRun: r, done: i, to: len(r.set.args), state: state})
			used = 0
		}
		used += w.Fuel
		if err := r.turn(i, w, &state); err != nil {
			return nil, err
		}
	}
	return parts, nil
}
