package ahead

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/extract"
	"github.com/assay-dev/assay/runtimes/python/pythontest"
)

// slow takes a second for each program.
type slow struct{ took chan string }

func (s slow) Judge(_ context.Context, p *benchmarks.Problem, sample benchmarks.Sample) (harness.Record, error) {
	time.Sleep(time.Second)
	if sample.Solution == "broken" {
		return harness.Record{}, errors.New("a fault of ours")
	}
	s.took <- p.ID + " " + sample.Solution
	return harness.Record{}, nil
}

// TestAhead: what comes is judged at once, an equal answer once, and what waits
// at the end is left.
func TestAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := slow{make(chan string, 100)}
		q := Start(t.Context(), j, pythontest.Func(pythontest.First), 2)
		one, two := &benchmarks.Problem{ID: "T/1"}, &benchmarks.Problem{ID: "T/2"}
		q.Add(one, extract.Answer{Text: "a"})
		q.Add(one, extract.Answer{Text: "a"})
		q.Add(two, extract.Answer{Text: "a"})
		q.Add(two, extract.Answer{Text: "broken"})
		time.Sleep(3500 * time.Millisecond) // in the bubble's time
		if q.Judged() != 2 || len(j.took) != 2 {
			t.Errorf("%d judged, %d programs", q.Judged(), len(j.took))
		}
		for _, text := range []string{"b", "c", "d", "e"} {
			q.Add(one, extract.Answer{Text: text})
		}
		time.Sleep(500 * time.Millisecond)
		q.Stop()
		q.Add(one, extract.Answer{Text: "f"})
		if q.Judged() != 4 || len(j.took) != 4 {
			t.Errorf("%d judged in the end, %d programs", q.Judged(), len(j.took))
		}
	})
}
