// Package parallel divides work over processors.
//
// Its invariant: the parts are the same on any number of processors, so what
// sums up within a part and then over the parts has the same bits anywhere.
//
// It imports nothing of ours.
package kernel

import (
	"runtime"
	"sync"
)

// Parts works 0 to n off in parts of so many, or fewer at the end, on all
// processors.
func Parts(n, part int, do func(from, to int)) { On(runtime.GOMAXPROCS(0), n, part, do) }

// On is Parts on so many processors.
func On(workers, n, part int, do func(from, to int)) {
	parts := (n + part - 1) / part
	if workers = min(workers, parts); workers <= 1 {
		for i := range parts {
			do(i*part, min(n, (i+1)*part))
		}
		return
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < parts; i += workers {
				do(i*part, min(n, (i+1)*part))
			}
		})
	}
	wg.Wait()
}
