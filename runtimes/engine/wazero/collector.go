package wazero

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// Go's collector stops every goroutine before it starts and again before it
// ends, and code compiled by wazero can't be stopped: with the default
// settings one guest that computes for ten seconds holds up all the others, and
// whoever wants to interrupt it, as soon as anybody has allocated a little. So
// while there is an engine, garbage is collected between guests.
const (
	// collectAfter is how many bytes of new garbage are worth collecting when
	// no guest runs.
	collectAfter = 64 << 20
	// collectAnyway is how many more bytes than after the last collection Go
	// may use before it collects, guests or no guests.
	collectAnyway = 512 << 20
	// compilePercent is GOGC while a module is compiled, which for CPython would
	// use more than 4 GB otherwise.
	compilePercent = 40
)

// collector is the process's: its settings are the process's too.
var collector governor

// governor sets when garbage is collected.
type governor struct {
	guests sync.RWMutex // read: a guest runs; write: garbage is collected

	mu                 sync.Mutex
	engines, compilers int
	percent            int   // GOGC before the first engine
	limit              int64 // and GOMEMLIMIT
	after              uint64
}

// engine counts an engine in or, with -1, out.
func (g *governor) engine(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.engines == 0 {
		g.percent, g.limit = debug.SetGCPercent(-1), debug.SetMemoryLimit(-1)
		g.after = inUse()
	}
	g.engines += n
	g.set()
}

// compiling makes the collector work hard until stopped, and then hands the
// memory back: compiling leaves gigabytes of garbage.
func (g *governor) compiling() (stop func()) {
	count := func(n int) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.compilers += n
		g.set()
	}
	count(1)
	return func() {
		debug.FreeOSMemory()
		g.mu.Lock()
		g.after = inUse()
		g.mu.Unlock()
		count(-1)
	}
}

func (g *governor) set() {
	switch {
	case g.compilers > 0:
		debug.SetGCPercent(compilePercent)
		debug.SetMemoryLimit(math.MaxInt64)
	case g.engines > 0:
		debug.SetGCPercent(-1)
		debug.SetMemoryLimit(int64(g.after + collectAnyway))
	default:
		debug.SetGCPercent(g.percent)
		debug.SetMemoryLimit(g.limit)
	}
}

// guest marks that one runs until stopped. The last to stop collects garbage
// where there is enough. It never waits for other guests: one may have called
// for another, and be waiting for that itself.
func (g *governor) guest() (stop func()) {
	g.guests.RLock()
	return func() {
		g.guests.RUnlock()
		if g.due() && g.guests.TryLock() {
			defer g.guests.Unlock()
			g.collect()
		}
	}
}

func (g *governor) due() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.engines > 0 && g.compilers == 0 && inUse() > g.after+collectAfter
}

func (g *governor) collect() {
	runtime.GC()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.after = inUse()
	g.set()
}

// inUse is the size of the heap's objects, dead ones not yet collected among
// them.
func inUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
