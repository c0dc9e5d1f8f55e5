package run

import (
	"context"
	"sync"

	"github.com/assay-dev/assay/benchmarks"
)

// Reader gives a sample that is there but for what takes a program to find it,
// as the one in a model's answer.
type Reader func(ctx context.Context) (benchmarks.Sample, error)

// Early judges samples of a plan that isn't whole yet, while a model writes the
// others. It decides nothing: a fault that it meets is met again, and told, by
// the run that follows, which only finds verdicts there.
type Early struct {
	plan    *Plan
	judge   Judge
	queue   *queue
	workers sync.WaitGroup

	mu     sync.Mutex
	judged int64
}

// Begin judges what is handed to Early.Add, so many programs at once.
func (p *Plan) Begin(ctx context.Context, j Judge, workers int) *Early {
	e := &Early{plan: p, judge: j, queue: newQueue(ctx)}
	e.queue.open = 1 // more may come
	for range workers {
		e.workers.Go(func() {
			for u, ok := e.queue.take(); ok; u, ok = e.queue.take() {
				e.do(ctx, u)
			}
		})
	}
	return e
}

// Add has a sample of a task judged.
func (e *Early) Add(taskID string, read Reader) {
	if t := e.plan.byID[taskID]; t != nil {
		e.queue.add(unit{task: t, read: read, cost: e.judge.Cost(t.problem)})
	}
}

// Judged is how many different programs have a verdict.
func (e *Early) Judged() int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.judged
}

// Stop waits for what is being judged. What waits is left to the run.
func (e *Early) Stop() {
	e.queue.close()
	e.workers.Wait()
}

func (e *Early) do(ctx context.Context, u unit) {
	s, err := u.read(ctx)
	if err != nil || !e.first(u.task, hashOf(s.Solution)) {
		return
	}
	if rec, err := e.judge.Judge(ctx, u.task.problem, s); err == nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		u.task.early[hashOf(s.Solution)] = &rec
		e.judged++
	}
}

// first says whether nobody has judged the program, or does.
func (e *Early) first(t *task, candidate string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, there := t.early[candidate]
	if !there {
		t.early[candidate] = nil
	}
	return !there
}
