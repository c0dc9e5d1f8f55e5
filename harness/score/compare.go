package score

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/assay-dev/assay/harness"
)

// Names of the paired tests.
const (
	mcNemar   = "exact McNemar"
	signFlips = "paired permutation of signs"
)

// Comparison holds two runs over the same tasks against each other.
type Comparison struct {
	Tasks    int      `json:"tasks"`            // in both runs, with a verdict in each
	OnlyA    []string `json:"only_a,omitempty"` // tasks that only the first run has a verdict on
	OnlyB    []string `json:"only_b,omitempty"` // and only the second
	RateA    float64  `json:"rate_a"`           // pass@1 over the common tasks
	RateB    float64  `json:"rate_b"`
	Gained   []string `json:"gained,omitempty"` // tasks whose rate is higher in the second run
	Lost     []string `json:"lost,omitempty"`   // and lower
	Test     string   `json:"test"`             // McNemar for one sample a task, else a permutation of signs
	P        float64  `json:"p"`                // two-sided
	Interval Interval `json:"interval"`         // of RateB - RateA, by bootstrap
}

// Compare holds run b against run a. Which samples count is passed's word.
func Compare(a, b []harness.Record, passed Passed, o Options) Comparison {
	o = o.withDefaults()
	var c Comparison
	var ratesA, ratesB, diffs []float64
	single := true
	for _, p := range c.pair(tallies(slices.Values(a), passed), tallies(slices.Values(b), passed)) {
		ra, rb := p.a.Rate(), p.b.Rate()
		ratesA, ratesB, diffs = append(ratesA, ra), append(ratesB, rb), append(diffs, rb-ra)
		single = single && p.a.N == 1 && p.b.N == 1
		switch {
		case rb > ra:
			c.Gained = append(c.Gained, p.a.TaskID)
		case rb < ra:
			c.Lost = append(c.Lost, p.a.TaskID)
		}
	}
	c.Tasks = len(diffs)
	c.Test, c.P = mcNemar, 1
	if c.Tasks == 0 {
		return c
	}
	c.RateA, c.RateB = mean(ratesA), mean(ratesB)
	c.Interval = percentiles(resample(diffs, -1, 1, o), o)
	if single {
		c.P = mcnemar(len(c.Gained), len(c.Lost))
	} else {
		c.Test, c.P = signFlips, flipP(diffs, o)
	}
	return c
}

type pair struct{ a, b Tally }

// pair joins two sorted lists by task and notes what only one of them has.
func (c *Comparison) pair(a, b []Tally) []pair {
	var out []pair
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && harness.CompareTasks(a[0].TaskID, b[0].TaskID) < 0:
			c.OnlyA, a = appendScored(c.OnlyA, a[0]), a[1:]
		case len(a) == 0 || harness.CompareTasks(b[0].TaskID, a[0].TaskID) < 0:
			c.OnlyB, b = appendScored(c.OnlyB, b[0]), b[1:]
		default:
			if a[0].N > 0 && b[0].N > 0 {
				out = append(out, pair{a[0], b[0]})
			} else {
				c.OnlyA, c.OnlyB = appendScored(c.OnlyA, a[0]), appendScored(c.OnlyB, b[0])
			}
			a, b = a[1:], b[1:]
		}
	}
	return out
}

func appendScored(ids []string, t Tally) []string {
	if t.N == 0 {
		return ids
	}
	return append(ids, t.TaskID)
}

// mcnemar is the exact two-sided p of seeing gained and lost among the tasks
// that changed, when each change is a fair coin.
func mcnemar(gained, lost int) float64 {
	n, fewer := gained+lost, min(gained, lost)
	tail := 0.0
	for i := 0; i <= fewer; i++ {
		tail += math.Exp(logChoose(n, i) - float64(n)*math.Ln2)
	}
	return min(1, Significant(2*tail))
}

func logChoose(n, k int) float64 {
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
	return lg(n) - lg(k) - lg(n-k)
}

// mostExact is up to how many tasks that differ every choice of signs is tried.
const mostExact = 13

// flipP is the two-sided p of differences between two runs, if it is by chance
// which of the two a task's better rate is of: the share of all choices of signs
// whose sum is as far from zero. Of many tasks that is estimated by Resamples
// choices; one is added to both counts, because no number of them shows that p is
// nought. With one sample a task it is McNemar's p.
func flipP(diffs []float64, o Options) float64 {
	changed := slices.DeleteFunc(slices.Clone(diffs), func(d float64) bool { return d == 0 })
	seen := 0.0
	for _, d := range changed {
		seen += d
	}
	far := func(signs func(i int) bool) bool {
		sum := 0.0
		for i, d := range changed {
			if signs(i) {
				d = -d
			}
			sum += d
		}
		return math.Abs(sum) >= math.Abs(seen)-1e-9
	}
	count := 0
	if n := len(changed); n <= mostExact {
		for choice := range 1 << n {
			if far(func(i int) bool { return choice>>i&1 == 1 }) {
				count++
			}
		}
		return float64(count) / float64(int(1)<<n)
	}
	source := rand.NewPCG(o.Seed, 1)
	for range o.Resamples {
		var word uint64
		if far(func(i int) bool {
			if i%64 == 0 {
				word = source.Uint64()
			}
			return word>>(i%64)&1 == 1
		}) {
			count++
		}
	}
	return Significant(float64(count+1) / float64(o.Resamples+1))
}
