package model

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// gate decides how many requests are under way at once. It starts at the most
// that is allowed, halves when the server says that it is too much, and grows
// by one for each round of answers.
type gate struct {
	most int

	mu      sync.Mutex
	limit   float64
	inside  int
	entered int // requests let in so far
	cut     int // entered, when the limit was halved last
	shut    time.Time
	waiting []chan struct{} // in the order that they came
}

func newGate(most int) *gate { return &gate{most: most, limit: float64(most)} }

// ticket is one request's stay.
type ticket int

// enter waits for a place.
func (g *gate) enter(ctx context.Context) (ticket, error) {
	g.mu.Lock()
	turn := make(chan struct{})
	g.waiting = append(g.waiting, turn)
	g.admit()
	g.mu.Unlock()
	select {
	case <-turn:
	case <-ctx.Done():
		if g.abandon(turn) {
			return 0, context.Cause(ctx)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.entered++
	return ticket(g.entered), nil
}

// abandon leaves the queue; false: the place is there already.
func (g *gate) abandon(turn chan struct{}) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, turn)
	if i < 0 {
		return false
	}
	g.waiting = slices.Delete(g.waiting, i, i+1)
	return true
}

// admit lets in whoever may come in now. g.mu is held.
func (g *gate) admit() {
	if time.Until(g.shut) > 0 {
		return
	}
	for len(g.waiting) > 0 && g.inside < int(g.limit) {
		close(g.waiting[0])
		g.waiting = g.waiting[1:]
		g.inside++
	}
}

// leave gives the place back. Only the first of the requests that met the same
// congestion halves the limit. Nobody is let in for as long as the server asked
// to be left alone.
func (g *gate) leave(t ticket, congested bool, quiet time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	g.close(quiet)
	switch {
	case !congested:
		g.limit = min(float64(g.most), g.limit+1/g.limit)
	case int(t) > g.cut:
		g.limit = max(1, g.limit/2)
		g.cut = g.entered
	}
	g.admit()
}

// close lets nobody in for a while. g.mu is held.
func (g *gate) close(wait time.Duration) {
	until := time.Now().Add(wait)
	if wait <= 0 || !until.After(g.shut) {
		return
	}
	g.shut = until
	time.AfterFunc(wait, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.admit()
	})
}

// tries counts the attempts at one request.
type tries struct{ busy, broken int }

func (t *tries) total() int { return t.busy + t.broken }

// The wait before another attempt doubles from first to most, and is drawn from
// its upper half, so that requests which failed together do not return together.
const (
	firstWait = time.Second
	mostWait  = time.Minute
)

// next says whether to try again after a failure, and how long to wait before.
// It is never less than the server asks for.
func (t *tries) next(why *Error, attempts int) (wait time.Duration, again bool) {
	count, most := &t.broken, attempts
	if why.Kind == Busy {
		count, most = &t.busy, busyAttempts
	}
	*count++
	wait = mostWait
	if n := *count - 1; n < 6 {
		wait = firstWait << n
	}
	wait -= rand.N(wait / 2)
	if why.RetryAfter > 0 {
		wait = why.RetryAfter + rand.N(firstWait/4)
	}
	return wait, *count < most && why.Kind != Refused
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
