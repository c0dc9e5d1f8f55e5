package score

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/stat/distuv"
)

// Methods of an Interval.
const (
	Exact     = "clopper-pearson"
	Bootstrap = "bootstrap over tasks"
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

// bootstrap is the percentile interval of the mean: tasks are drawn with
// replacement, Resamples times.
func bootstrap(values []float64, o Options) Interval {
	return percentiles(resample(values, o), o)
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

// resample returns the sorted means of the bootstrap's draws.
func resample(values []float64, o Options) []float64 {
	source := rand.NewPCG(o.Seed, 0)
	n := uint64(len(values))
	means := make([]float64, o.Resamples)
	for i := range means {
		sum := 0.0
		for range values {
			// The high word of a product, not rand.IntN: PCG's stream is
			// specified, the mapping of IntN isn't.
			at, _ := bits.Mul64(source.Uint64(), n)
			sum += values[at]
		}
		means[i] = sum / float64(n)
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

// Mean is the mean of values of tasks, with its interval by bootstrap. There is
// at least one.
func Mean(values []float64, o Options) (float64, Interval) {
	return mean(values), bootstrap(values, o.withDefaults())
}
