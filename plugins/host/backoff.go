package host

import (
	"sync"
	"time"
)

// backoff counts failures in a row, and says when to start again. The wait
// doubles from first to longestWait. It is safe for concurrent use.
type backoff struct {
	first time.Duration

	mu       sync.Mutex
	failures int
	until    time.Time
}

const (
	longestWait  = 30 * time.Second
	mostFailures = 6 // in a row, without an answer in between: it will not do
)

// failed notes that a process could not be started, or ended by itself.
func (b *backoff) failed(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	wait := longestWait
	if b.failures < mostFailures {
		wait = min(longestWait, b.first<<b.failures)
	}
	b.failures++
	b.until = now.Add(wait)
}

// answered notes that the process does what it is for.
func (b *backoff) answered() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures, b.until = 0, time.Time{}
}

// hopeless says that there is no point in starting again.
func (b *backoff) hopeless() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failures >= mostFailures
}

// wait is the time until a start is allowed.
func (b *backoff) wait(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(0, b.until.Sub(now))
}
