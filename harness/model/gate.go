package model

import (
	"context"
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
