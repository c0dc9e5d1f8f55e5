package codecache

import (
	"time"

	"github.com/assay-dev/assay/runtimes/engine"
)

// Ticking reports compilation until stopped. Engines don't say how far they
// are, so what is reported is time against expectation, in bytes of the module
// and short of all of them.
func Ticking(progress engine.Progress, size, perSecond int) (stop func()) {
	whole := time.Duration(float64(size) / float64(perSecond) * float64(time.Second))
	start, done, ended := time.Now(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			part := min(0.99, float64(time.Since(start))/float64(whole+1))
			progress(engine.StageCompile, int64(part*float64(size)), int64(size))
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
