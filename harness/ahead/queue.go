package ahead

import (
	"context"
	"crypto/sha256"
	"sync"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/extract"
	"github.com/assay-dev/assay/runtimes"
)

// Judge gives verdicts, and remembers them.
type Judge interface {
	Judge(ctx context.Context, p *benchmarks.Problem, s benchmarks.Sample) (harness.Record, error)
}

// Queue holds answers that wait to be judged, in the order in which they came.
type Queue struct {
	judge   Judge
	runtime runtimes.Runner

	mu      sync.Mutex
	wake    *sync.Cond
	waiting []answer
	seen    map[[sha256.Size]byte]struct{}
	judged  int
	over    bool

	workers sync.WaitGroup
}

type answer struct {
	problem *benchmarks.Problem
	extract.Answer
}

// Start begins to judge, so many programs at once.
func Start(ctx context.Context, j Judge, rt runtimes.Runner, workers int) *Queue {
	q := &Queue{judge: j, runtime: rt, seen: map[[sha256.Size]byte]struct{}{}}
	q.wake = sync.NewCond(&q.mu)
	for range workers {
		q.workers.Go(func() { q.work(ctx) })
	}
	return q
}

// Add queues an answer, unless an equal one was.
func (q *Queue) Add(p *benchmarks.Problem, a extract.Answer) {
	key := sha256.Sum256([]byte(p.ID + "\x00" + a.Text))
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, there := q.seen[key]; there || q.over {
		return
	}
	q.seen[key] = struct{}{}
	q.waiting = append(q.waiting, answer{p, a})
	q.wake.Signal()
}

// Judged is how many different answers have a verdict.
func (q *Queue) Judged() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.judged
}

// Stop waits for what is being judged. What waits is left to the run.
func (q *Queue) Stop() {
	q.mu.Lock()
	q.over, q.waiting = true, nil
	q.mu.Unlock()
	q.wake.Broadcast()
	q.workers.Wait()
}

func (q *Queue) work(ctx context.Context) {
	for {
		a, ok := q.take()
		if !ok {
			return
		}
		if q.do(ctx, a) == nil {
			q.mu.Lock()
			q.judged++
			q.mu.Unlock()
		}
	}
}

func (q *Queue) take() (answer, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.over {
		q.wake.Wait()
	}
	if q.over {
		return answer{}, false
	}
	a := q.waiting[0]
	q.waiting = q.waiting[1:]
	return a, true
}

func (q *Queue) do(ctx context.Context, a answer) error {
	programs, err := extract.All(ctx, q.runtime, []extract.Answer{a.Answer})
	if err != nil {
		return err
	}
	_, err = q.judge.Judge(ctx, a.problem, benchmarks.Sample{TaskID: a.problem.ID, Solution: programs[0].Source})
	return err
}
