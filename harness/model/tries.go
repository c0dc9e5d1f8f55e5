package model

import (
	"context"
	"math/rand/v2"
	"time"
)

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
