package run

import (
	"container/heap"
	"context"
	"sync"
)

// unit is what a worker takes: a task to prepare, or a program to judge.
type unit struct {
	task  *task
	group *group // nil: prepare the task
	cost  uint64
}

// queue hands out the longest work first, so that no long task is left for the
// end. Preparing a task counts as much as one of its samples; its samples are
// queued when it is prepared.
type queue struct {
	mu     sync.Mutex
	wake   *sync.Cond
	units  unitHeap
	open   int // prepares taken or queued: their samples are still to come
	closed bool
}

func newQueue(ctx context.Context) *queue {
	q := &queue{}
	q.wake = sync.NewCond(&q.mu)
	context.AfterFunc(ctx, q.close)
	return q
}

func (q *queue) add(units ...unit) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, u := range units {
		if u.group == nil {
			q.open++
		}
		heap.Push(&q.units, u)
	}
	q.wake.Broadcast()
}

// prepared says that a prepare is over, well or not; its samples were added.
func (q *queue) prepared() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open--
	q.wake.Broadcast()
}

// take waits for work; false: there is none left, or the run is over.
func (q *queue) take() (unit, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.units) == 0 && q.open > 0 && !q.closed {
		q.wake.Wait()
	}
	if len(q.units) == 0 || q.closed {
		return unit{}, false
	}
	return heap.Pop(&q.units).(unit), true
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake.Broadcast()
}

// unitHeap is ordered by cost, the greatest first; then samples before
// prepares, then as the suite has them.
type unitHeap []unit

func (h unitHeap) Len() int      { return len(h) }
func (h unitHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h unitHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	switch {
	case a.cost != b.cost:
		return a.cost > b.cost
	case (a.group == nil) != (b.group == nil):
		return a.group != nil
	}
	return a.task.order < b.task.order
}
func (h *unitHeap) Push(x any) { *h = append(*h, x.(unit)) }
func (h *unitHeap) Pop() any {
	old := *h
	u := old[len(old)-1]
	*h = old[:len(old)-1]
	return u
}
