package wazero

import (
	"runtime/debug"
	"sync"
)

var (
	frugalMu    sync.Mutex
	frugalUsers int
	frugalWas   int
)

// frugal makes the collector work harder until stopped, then hands the memory
// back to the system. Compiling leaves gigabytes of garbage otherwise.
func frugal() (stop func()) {
	const percent = 40
	frugalMu.Lock()
	defer frugalMu.Unlock()
	if frugalUsers++; frugalUsers == 1 {
		frugalWas = debug.SetGCPercent(percent)
	}
	return func() {
		frugalMu.Lock()
		defer frugalMu.Unlock()
		if frugalUsers--; frugalUsers == 0 {
			debug.SetGCPercent(frugalWas)
		}
		debug.FreeOSMemory()
	}
}
