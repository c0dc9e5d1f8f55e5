package wazero

import (
	"time"

	"assay/runtimes/engine"
)

// Stages that Compile and Load report.
const (
	stageWait    = "wait for another process to compile"
	stageCompile = "compile"
	stageLoad    = "load compiled code"
)

// expected is a guess at how long compiling takes: an ordinary core does
// 1.75 MB of module a second.
func expected(size, workers int) time.Duration {
	const perWorker = 1.75e6
	return time.Duration(float64(size) / (perWorker * float64(workers)) * float64(time.Second))
}

// ticking reports compilation until stopped. wazero doesn't say how far it is,
// so what is reported is time against expectation, in bytes of the module and
// short of all of them.
func ticking(progress engine.Progress, size, workers int) (stop func()) {
	whole := expected(size, workers)
	start, done, ended := time.Now(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			part := min(0.99, float64(time.Since(start))/float64(whole+1))
			progress(stageCompile, int64(part*float64(size)), int64(size))
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
