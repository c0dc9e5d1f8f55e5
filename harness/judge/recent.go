package judge

import (
	"container/list"
	"sync"
)

// recent keeps values up to a total weight, in bytes, and lets go of those not
// asked for the longest.
type recent[V any] struct {
	limit int

	mu    sync.Mutex
	total int
	order list.List // of *entry[V], most recently used first
	byKey map[string]*list.Element
}

type entry[V any] struct {
	key    string
	value  V
	weight int
}

func newRecent[V any](limit int) *recent[V] {
	return &recent[V]{limit: limit, byKey: map[string]*list.Element{}}
}

func (r *recent[V]) get(key string) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.byKey[key]
	if !ok {
		var none V
		return none, false
	}
	r.order.MoveToFront(e)
	return e.Value.(*entry[V]).value, true
}

// put adds a value, or replaces one. What is heavier than the limit is kept
// until the next put.
func (r *recent[V]) put(key string, v V, weight int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.byKey[key]; ok {
		r.drop(e)
	}
	r.byKey[key] = r.order.PushFront(&entry[V]{key, v, weight})
	r.total += weight
	for r.total > r.limit && r.order.Len() > 1 {
		r.drop(r.order.Back())
	}
}

func (r *recent[V]) drop(e *list.Element) {
	gone := r.order.Remove(e).(*entry[V])
	delete(r.byKey, gone.key)
	r.total -= gone.weight
}
