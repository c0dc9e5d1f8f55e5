package ahead

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"assay/benchmarks"
	"assay/harness"
	"assay/runtimes"
	"assay/runtimes/python"
	"assay/runtimes/value"
)

// echo takes the whole answer for a program.
type echo struct{}

func (echo) RunCases(_ context.Context, _ python.Program, inputs []python.Input, _ runtimes.Limits, visit func(int, python.Result) bool) (runtimes.Outcome, error) {
	for i, in := range inputs {
		v, err := value.Decode(in.Args, value.Bounds{Bytes: 1 << 20, Nodes: 100, Depth: 5})
		if err != nil {
			return runtimes.Outcome{}, err
		}
		raw, err := value.AppendMarshal(nil, v.(value.Tuple)[0])
		if err != nil {
			return runtimes.Outcome{}, err
		}
		if !visit(i, python.Result{Raw: raw}) {
			break
		}
	}
	return runtimes.Outcome{Kind: runtimes.OK}, nil
}

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
		q := Start(t.Context(), j, echo{}, 2)
		one, two := &benchmarks.Problem{ID: "T/1"}, &benchmarks.Problem{ID: "T/2"}
		q.Add(one, "a")
		q.Add(one, "a")
		q.Add(two, "a")
		q.Add(two, "broken")
		time.Sleep(3500 * time.Millisecond) // in the bubble's time
		if q.Judged() != 2 || len(j.took) != 2 {
			t.Errorf("%d judged, %d programs", q.Judged(), len(j.took))
		}
		for _, text := range []string{"b", "c", "d", "e"} {
			q.Add(one, text)
		}
		time.Sleep(500 * time.Millisecond)
		q.Stop()
		q.Add(one, "f")
		if q.Judged() != 4 || len(j.took) != 4 {
			t.Errorf("%d judged in the end, %d programs", q.Judged(), len(j.took))
		}
	})
}
