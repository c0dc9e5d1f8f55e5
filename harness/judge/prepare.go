package judge

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes"
)

// prepared is a problem with its expected values.
type prepared struct {
	sets     []inputSet
	tests    []benchmarks.Test // of stdio
	expected *Expected
}

func (p *prepared) weight() int {
	sum := p.expected.weight()
	for _, t := range p.tests {
		sum += 64 + len(t.Input) + len(t.Output)
	}
	for _, s := range p.sets {
		sum += s.weight()
	}
	return sum
}

// Prepare finds the expected values of a problem: in memory, in the cache, or
// by running the canonical solution. Judge does it itself where it wasn't done.
func (j *Judge) Prepare(ctx context.Context, p *benchmarks.Problem) error {
	_, err := j.prepare(ctx, p)
	return err
}

// OwnSolution runs a problem's own solution by the problem's own tests, where it
// has both, and says how it fails; "" where it doesn't.
func (j *Judge) OwnSolution(ctx context.Context, p *benchmarks.Problem) (string, error) {
	prep, err := j.prepare(ctx, p)
	if err != nil || p.Oracle != benchmarks.Stdio {
		return "", err
	}
	return prep.expected.Fails, nil
}

func (j *Judge) prepare(ctx context.Context, p *benchmarks.Problem) (*prepared, error) {
	key := j.expectedKey(p)
	return once(&j.preparing, j.prepared, key, func() (got *prepared, weight int, err error) {
		if got, err = j.makePrepared(ctx, p, key); err == nil {
			weight = got.weight()
			j.costs.Store(p.Hash, got.expected.total())
		}
		return got, weight, err
	})
}

func (j *Judge) makePrepared(ctx context.Context, p *benchmarks.Problem, key string) (*prepared, error) {
	o, err := oracleOf(p)
	if err != nil {
		return nil, err
	}
	got, err := o.given(p)
	if err != nil || got.expected != nil {
		return got, err
	}
	if got.expected, err = j.recallExpected(key, p); err == nil && got.fits() {
		return got, nil
	}
	if j.config.Cache == nil {
		got.expected, err = o.expect(ctx, j.config.Runner, p, got)
		return got, err
	}
	unlock, err := j.config.Cache.Lock(ctx, cache.Expected, key)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err == nil { // without the lock the work may be done twice, no more
		defer unlock()
		if got.expected, err = j.recallExpected(key, p); err == nil && got.fits() { // another process was faster
			return got, nil
		}
	}
	if got.expected, err = o.expect(ctx, j.config.Runner, p, got); err != nil {
		return nil, err
	}
	data, err := got.expected.encode()
	if err != nil {
		return nil, err
	}
	// The cache only saves time: a full disk is no reason to fail here.
	_ = j.config.Cache.Put(cache.Expected, key, data)
	return got, nil
}

// fits says whether there is an expected value for each test, which recalling
// them can't know.
func (p *prepared) fits() bool {
	return len(p.tests) == 0 || len(p.expected.Sets[0].Wants) == len(p.tests)
}

var errNoCache = errors.New("no cache")

// recallExpected reads cached expected values. An entry that doesn't fit the
// problem counts as absent.
func (j *Judge) recallExpected(key string, p *benchmarks.Problem) (*Expected, error) {
	if j.config.Cache == nil {
		return nil, errNoCache
	}
	data, err := j.config.Cache.Get(cache.Expected, key)
	if err != nil {
		return nil, err
	}
	o, err := oracleOf(p)
	if err != nil {
		return nil, err
	}
	e, err := decodeExpected(data, o.sizes(p))
	if err != nil {
		return nil, fmt.Errorf("cached expected values of %s: %w", p.ID, err)
	}
	return e, nil
}

// A guess of a problem's cost, in fuel, before it was ever prepared: only the
// order in which problems are taken on hangs on it.
const (
	guessedLoad  = 20_000_000
	guessedInput = 1_000_000
)

// Cost is the fuel that the canonical solution used, where that is known from
// this run or from the cache, and a guess by the number of inputs elsewhere.
func (j *Judge) Cost(p *benchmarks.Problem) uint64 {
	if cost, ok := j.costs.Load(p.Hash); ok {
		return cost.(uint64)
	}
	if e, err := j.recallExpected(j.expectedKey(p), p); err == nil {
		j.costs.Store(p.Hash, e.total())
		return e.total()
	}
	cost := uint64(guessedLoad)
	for i := range p.Sets {
		cost += guessedLoad + guessedInput*uint64(p.Sets[i].N)
	}
	return cost
}

// expectedKey is the cache key of a problem's expected values. The user's
// limits are not part of it: the canonical solution runs under its own.
func (j *Judge) expectedKey(p *benchmarks.Problem) string {
	return runtimes.Key("assay expected", struct {
		Version         int
		Problem         [32]byte
		Oracle, Runtime string
		Python          string
		Limits          runtimes.Limits
	}{expectedVersion, p.Hash, string(p.Oracle), j.config.Runtime, j.config.Python, canonicalLimits})
}

// once gives the value that is kept under a key, or makes it and keeps it: once,
// however many ask meanwhile.
func once[V any](group *singleflight.Group, r *recent[V], key string, make func() (v V, weight int, err error)) (V, error) {
	if v, ok := r.get(key); ok {
		return v, nil
	}
	v, err, _ := group.Do(key, func() (any, error) {
		if v, ok := r.get(key); ok { // another worker was faster
			return v, nil
		}
		v, weight, err := make()
		if err == nil {
			r.put(key, v, weight)
		}
		return v, err
	})
	if err != nil {
		var none V
		return none, err
	}
	return v.(V), nil
}

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
