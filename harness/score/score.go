package score

import (
	"fmt"
	"math"

	"github.com/assay-dev/assay/harness"
)

// DefaultKs are the k of pass@k that are computed where none are named.
var DefaultKs = []int{1, 5, 10, 100}

// Options of Of. Zero fields take the default named beside them.
type Options struct {
	Ks         []int   // the k of pass@k (default DefaultKs)
	Confidence float64 // of the intervals (default 0.95)
	Resamples  int     // of the bootstrap (default 10,000)
	Seed       uint64  // of the bootstrap (default 1)
}

func (o Options) withDefaults() Options {
	if len(o.Ks) == 0 {
		o.Ks = DefaultKs
	}
	if o.Confidence <= 0 || o.Confidence >= 1 {
		o.Confidence = 0.95
	}
	if o.Resamples <= 0 {
		o.Resamples = 10_000
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	return o
}

// Score is pass@k over a run's tasks.
type Score struct {
	Tasks    int        `json:"tasks"`              // tasks that the means are taken over
	Samples  int        `json:"samples"`            // samples with a verdict
	Correct  int        `json:"correct"`            // of these, passed
	Infra    int        `json:"infra,omitempty"`    // samples lost to faults of ours
	Unscored []string   `json:"unscored,omitempty"` // tasks that lost every sample so, left out of the means
	PassAtK  []Estimate `json:"pass_at_k"`          // in the order of the k asked for, without those that some task has too few samples for
	PerTask  []Tally    `json:"-"`
}

// Estimate is one pass@k.
type Estimate struct {
	K        int      `json:"k"`
	Value    float64  `json:"value"` // mean over tasks
	Interval Interval `json:"interval"`
}

// Name is the estimate's usual name: "pass@1".
func (e Estimate) Name() string { return fmt.Sprintf("pass@%d", e.K) }

// At finds pass@k.
func (s Score) At(k int) (Estimate, bool) {
	for _, e := range s.PassAtK {
		if e.K == k {
			return e, true
		}
	}
	return Estimate{}, false
}

// StandardError is that of pass@k as a mean over tasks; false where there are too
// few tasks for one.
func (s Score) StandardError(k int) (float64, bool) {
	e, _ := s.At(k)
	sum, n := 0.0, 0
	for _, t := range s.PerTask {
		if t.N < k {
			continue
		}
		d := PassAtK(t.N, t.Correct, k) - e.Value
		sum += d * d
		n++
	}
	if n < 2 {
		return 0, false
	}
	return math.Sqrt(sum/float64(n-1)) / math.Sqrt(float64(n)), true
}

// Of scores records. pass@k is given only where every scored task has at least
// k samples with a verdict, as evalplus has it.
func Of(records []harness.Record, passed Passed, o Options) Score {
	o = o.withDefaults()
	s := Score{PerTask: Tallies(records, passed)}
	var scored []Tally
	fewest := 0
	for _, t := range s.PerTask {
		s.Infra += t.Infra
		if t.N == 0 {
			s.Unscored = append(s.Unscored, t.TaskID)
			continue
		}
		if len(scored) == 0 || t.N < fewest {
			fewest = t.N
		}
		scored = append(scored, t)
		s.Samples += t.N
		s.Correct += t.Correct
	}
	s.Tasks = len(scored)
	for _, k := range o.Ks {
		if k >= 1 && k <= fewest {
			s.PassAtK = append(s.PassAtK, estimate(scored, k, o))
		}
	}
	return s
}

func estimate(tasks []Tally, k int, o Options) Estimate {
	values := make([]float64, len(tasks))
	correct, single := 0, true
	for i, t := range tasks {
		values[i] = PassAtK(t.N, t.Correct, k)
		correct += t.Correct
		single = single && t.N == 1
	}
	e := Estimate{K: k, Value: mean(values)}
	if single {
		e.Interval = exact(correct, len(tasks), o.Confidence)
	} else {
		e.Interval = bootstrap(values, o)
	}
	return e
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
