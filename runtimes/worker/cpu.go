package worker

import (
	"sync"
	"time"
)

// cpu keeps a child's limit on processor time a little ahead of what its calls
// may need. Fuel ends every program; this ends an engine that hangs without
// counting any. It is renewed when a call starts, gives results or ends, so
// that a call which does none of that runs into it.
type cpu struct {
	process processTime

	mu      sync.Mutex
	granted time.Duration // by the calls under way
}

// cpuSlack is what is granted beside the calls.
var cpuSlack = 60 * time.Second

// slowest is the longest that one unit of fuel takes: about a hundred times the
// usual.
const slowest = 50 * time.Nanosecond

// enter grants the time for so much fuel until leave.
func (c *cpu) enter(fuel uint64) (leave func()) {
	const most = 1 << 50 // two weeks: beyond that sums could overflow
	time := time.Duration(min(fuel, most/uint64(slowest))) * slowest
	c.add(time)
	return func() { c.add(-time) }
}

func (c *cpu) add(time time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.granted += time
	c.process.limit(c.granted + cpuSlack)
}

// progress renews the limit.
func (c *cpu) progress() { c.add(0) }

// close ends the renewing: the process is gone, and its number may be another's.
func (c *cpu) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.process = processTime{}
}
