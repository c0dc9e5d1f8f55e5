package score

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-dev/assay/harness"
)

// defaultKs are the k of pass@k that are computed where none are named.
var defaultKs = []int{1, 5, 10, 100}

// Options of Of. Zero fields take the default named beside them.
type Options struct {
	Ks         []int   // the k of pass@k (default DefaultKs)
	Confidence float64 // of the intervals (default 0.95)
	Resamples  int     // of the bootstrap (default 10,000)
	Seed       uint64  // of the bootstrap (default 1)
}

func (o Options) withDefaults() Options {
	if len(o.Ks) == 0 {
		o.Ks = defaultKs
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
	return OfEach(slices.Values(records), passed, o)
}

// OfEach scores records that come one by one.
func OfEach(records iter.Seq[harness.Record], passed Passed, o Options) Score {
	o = o.withDefaults()
	s := Score{PerTask: tallies(records, passed)}
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

// Tally counts one task's samples.
type Tally struct {
	TaskID  string `json:"task_id"`
	N       int    `json:"n"`               // samples with a verdict
	Correct int    `json:"correct"`         // of these, passed
	Infra   int    `json:"infra,omitempty"` // samples lost to faults of ours, in neither
}

// Rate is the share of correct samples, the task's pass@1.
func (t Tally) Rate() float64 { return PassAtK(t.N, t.Correct, 1) }

// Passed says whether a record counts as correct.
type Passed func(harness.Record) bool

// Overall counts the verdict on everything that was judged.
func Overall(r harness.Record) bool { return r.Verdict == harness.Pass }

// Base counts the base inputs alone.
func Base(r harness.Record) bool { return r.Base == harness.Pass }

// Plus counts a sample that passes the base inputs and the plus inputs, as
// evalplus has it.
func Plus(r harness.Record) bool { return r.Base == harness.Pass && r.Plus == harness.Pass }

// tallies counts records by task, in the order of harness.CompareTasks.
func tallies(records iter.Seq[harness.Record], passed Passed) []Tally {
	byTask := map[string]*Tally{}
	for r := range records {
		t := byTask[r.TaskID]
		if t == nil {
			t = &Tally{TaskID: r.TaskID}
			byTask[r.TaskID] = t
		}
		switch {
		case r.Verdict == harness.InfraError:
			t.Infra++
		case passed(r):
			t.N, t.Correct = t.N+1, t.Correct+1
		default:
			t.N++
		}
	}
	out := make([]Tally, 0, len(byTask))
	for _, t := range byTask {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Tally) int { return harness.CompareTasks(a.TaskID, b.TaskID) })
	return out
}

// PassAtK estimates, without bias, the chance that at least one of k samples
// is correct, from n samples of which c were: 1 - C(n-c, k) / C(n, k). It is
// NaN where that means nothing: k < 1, n < k, or c outside 0..n.
//
// The quotient is a product of factors 1 - k/i, i from n down to n-c+1, so
// nothing overflows, and one more correct sample multiplies by one more factor:
// the estimate never falls as c grows.
func PassAtK(n, c, k int) float64 {
	if k < 1 || n < k || c < 0 || c > n {
		return math.NaN()
	}
	if n-c < k {
		return 1
	}
	miss := 1.0
	for i := n; i > n-c; i-- {
		miss *= 1 - float64(k)/float64(i)
	}
	return 1 - miss
}

// Methods of an Interval.
const (
	Exact     = "clopper-pearson"
	Bootstrap = "Bayesian bootstrap over tasks"
)

// Interval is a confidence interval.
type Interval struct {
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Confidence float64 `json:"confidence"`
	Method     string  `json:"method"`
	Resamples  int     `json:"resamples,omitempty"` // of the bootstrap
}

// exact is Clopper and Pearson's interval for a proportion: x of n.
func exact(x, n int, confidence float64) Interval {
	tail := (1 - confidence) / 2
	iv := Interval{Low: 0, High: 1, Confidence: confidence, Method: Exact}
	if x > 0 {
		iv.Low = round(distuv.Beta{Alpha: float64(x), Beta: float64(n - x + 1)}.Quantile(tail))
	}
	if x < n {
		iv.High = round(distuv.Beta{Alpha: float64(x + 1), Beta: float64(n - x)}.Quantile(1 - tail))
	}
	return iv
}

// bootstrap is the interval of a mean of values from 0 to 1: Rubin's Bayesian
// bootstrap over tasks, with half a task at either end beside those that were
// seen. With one sample a task that is Jeffreys' interval; where all values are
// the same it has a width all the same.
func bootstrap(values []float64, o Options) Interval {
	iv := percentiles(resample(values, 0, 1, o), o)
	// As Brown, Cai and DasGupta have it: what was always so may be certain.
	if slices.Max(values) == 0 {
		iv.Low = 0
	}
	if slices.Min(values) == 1 {
		iv.High = 1
	}
	return iv
}

func percentiles(sorted []float64, o Options) Interval {
	tail := (1 - o.Confidence) / 2
	last := float64(len(sorted) - 1)
	return Interval{
		Low:        round(sorted[int(math.Floor(tail*last))]),
		High:       round(sorted[int(math.Ceil((1-tail)*last))]),
		Confidence: o.Confidence,
		Method:     Bootstrap,
		Resamples:  len(sorted),
	}
}

// resample returns the sorted means of Resamples draws: in each, tasks have random
// weights, and half a task stands at either end of what a value can be.
func resample(values []float64, low, high float64, o Options) []float64 {
	source := rand.NewPCG(o.Seed, 0)
	// The stream of PCG is specified; what rand makes of it isn't.
	uniform := func() float64 { return (float64(source.Uint64()>>11) + 0.5) / (1 << 53) }
	half := func() float64 { // of the gamma distribution with shape 1/2, by Box and Muller
		c := math.Cos(2 * math.Pi * uniform())
		return -math.Log(uniform()) * c * c
	}
	means := make([]float64, o.Resamples)
	for i := range means {
		a, b := half(), half()
		sum, weights := a*low+b*high, a+b
		for _, v := range values {
			w := -math.Log(uniform())
			sum, weights = sum+w*v, weights+w
		}
		means[i] = sum / weights
	}
	slices.Sort(means)
	return means
}

// round cuts a bound to six places, below which processors may differ.
func round(x float64) float64 { return math.Round(x*1e6) / 1e6 }

// Significant keeps six digits, however small x is.
func Significant(x float64) float64 {
	v, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64)
	if err != nil {
		return x
	}
	return v
}

// Mean is the mean of values of tasks that lie between low and high, with its
// interval by bootstrap. There is at least one.
func Mean(values []float64, low, high float64, o Options) (float64, Interval) {
	o = o.withDefaults()
	return mean(values), percentiles(resample(values, low, high, o), o)
}
