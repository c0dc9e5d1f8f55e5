package score

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-dev/assay/harness"
)

// run makes records: one string a task, one letter a sample: p passes, w is
// wrong, b passes the base inputs only, i is an infra error.
func run(samples ...string) []harness.Record {
	var out []harness.Record
	for task, letters := range samples {
		for i, l := range letters {
			r := harness.Record{TaskID: fmt.Sprintf("T/%d", task), Sample: i}
			switch l {
			case 'p':
				r.Verdict, r.Base, r.Plus = harness.Pass, harness.Pass, harness.Pass
			case 'w':
				r.Verdict, r.Base, r.Plus = harness.WrongAnswer, harness.WrongAnswer, harness.Pass
			case 'b':
				r.Verdict, r.Base, r.Plus = harness.OutOfFuel, harness.Pass, harness.OutOfFuel
			case 'i':
				r.Verdict, r.Base = harness.InfraError, harness.Pass
			}
			out = append(out, r)
		}
	}
	return out
}

func TestOfCountsEachSetByItsOwnRule(t *testing.T) {
	records := run("p", "w", "b", "i")
	for _, c := range []struct {
		name    string
		passed  Passed
		correct int
	}{{"overall", Overall, 1}, {"base", Base, 2}, {"plus", Plus, 1}} {
		s := Of(records, c.passed, Options{})
		if s.Correct != c.correct || s.Samples != 3 || s.Infra != 1 || s.Tasks != 3 {
			t.Errorf("%s: %+v, want %d of 3 samples correct, 3 tasks, 1 infra error", c.name, s, c.correct)
		}
		if !slices.Equal(s.Unscored, []string{"T/3"}) {
			t.Errorf("%s: unscored %q, want T/3", c.name, s.Unscored)
		}
		e, ok := s.At(1)
		if !ok || math.Abs(e.Value-float64(c.correct)/3) > 1e-12 || e.Name() != "pass@1" {
			t.Errorf("%s: %+v, want pass@1 = %d/3", c.name, e, c.correct)
		}
	}
}

func TestOfGivesOnlyTheKThatEveryTaskHas(t *testing.T) {
	s := Of(run("ppwww", "wwwww", "pppppi"), Overall, Options{Ks: []int{1, 2, 5, 6}})
	var ks []int
	for _, e := range s.PassAtK {
		ks = append(ks, e.K)
		if e.Interval.Method != Bootstrap {
			t.Errorf("pass@%d: interval by %q, want %q", e.K, e.Interval.Method, Bootstrap)
		}
	}
	if !slices.Equal(ks, []int{1, 2, 5}) {
		t.Fatalf("pass@k for k = %v, want 1, 2 and 5", ks)
	}
	want := (PassAtK(5, 2, 2) + 0 + 1) / 3
	if e, _ := s.At(2); math.Abs(e.Value-want) > 1e-12 {
		t.Errorf("pass@2 = %v, want %v", e.Value, want)
	}
	if len(Of(nil, Overall, Options{}).PassAtK) != 0 {
		t.Error("no records, but a pass@k")
	}
}

func TestOfDoesNotDependOnTheOrderOfRecords(t *testing.T) {
	records := run("pwpwi", "wwwww", "ppppp", "bbbbw", "pwwww")
	want := Of(records, Overall, Options{})
	slices.Reverse(records)
	if got := Of(records, Overall, Options{}); !reflect.DeepEqual(got, want) {
		t.Errorf("reversed records: %+v, want %+v", got, want)
	}
}

// The values are those of Newcombe, "Two-sided confidence intervals for the
// single proportion" (Statistics in Medicine 17, 1998, table I), to four places.
func TestExactInterval(t *testing.T) {
	for _, c := range []struct {
		x, n      int
		low, high float64
	}{
		{81, 263, 0.2527, 0.3676},
		{15, 148, 0.0578, 0.1617},
		{0, 20, 0, 0.1684},
		{1, 29, 0.0009, 0.1776},
		{20, 20, 1 - 0.1684, 1},
	} {
		iv := exact(c.x, c.n, 0.95)
		if math.Abs(iv.Low-c.low) > 6e-5 || math.Abs(iv.High-c.high) > 6e-5 {
			t.Errorf("exact(%d, %d) = [%v, %v], want [%v, %v]", c.x, c.n, iv.Low, iv.High, c.low, c.high)
		}
	}
}

func TestBootstrapIsNearTheNormalInterval(t *testing.T) {
	values := make([]float64, 400)
	for i := range values {
		values[i] = float64(i%5) / 4
	}
	iv := bootstrap(values, Options{}.withDefaults())
	half := 1.96 * math.Sqrt(0.125/400)
	if math.Abs(iv.Low-(0.5-half)) > 0.005 || math.Abs(iv.High-(0.5+half)) > 0.005 {
		t.Errorf("interval [%v, %v], want about 0.5 ± %v", iv.Low, iv.High, half)
	}
	if again := bootstrap(values, Options{}.withDefaults()); again != iv {
		t.Errorf("the same seed gave %+v and %+v", iv, again)
	}
	if other := bootstrap(values, Options{Seed: 2}.withDefaults()); other == iv {
		t.Error("another seed gave the same interval to six places")
	}
}

func TestCompareSingleSamples(t *testing.T) {
	a := run("p", "w", "w", "w", "w", "w", "w", "w", "w", "w", "p", "p", "i")
	b := run("w", "p", "p", "p", "p", "p", "p", "p", "p", "p", "p", "i", "p")
	c := Compare(a, b, Overall, Options{})
	if c.Tasks != 11 || len(c.Gained) != 9 || !slices.Equal(c.Lost, []string{"T/0"}) {
		t.Fatalf("%+v, want 11 tasks, 9 gained, T/0 lost", c)
	}
	if !slices.Equal(c.OnlyA, []string{"T/11"}) || !slices.Equal(c.OnlyB, []string{"T/12"}) {
		t.Errorf("only in a %q, only in b %q, want T/11 and T/12", c.OnlyA, c.OnlyB)
	}
	// Two tails of 1 or fewer heads in 10 tosses: 2 (1 + 10) / 1024.
	if c.Test != mcNemar || math.Abs(c.P-0.021484375) > 1e-6 {
		t.Errorf("%s: p = %v, want %s: 0.021484", c.Test, c.P, mcNemar)
	}
	if math.Abs(c.RateB-c.RateA-8.0/11) > 1e-12 {
		t.Errorf("rates %v and %v, want a difference of 8/11", c.RateA, c.RateB)
	}
}

func TestCompareSeveralSamples(t *testing.T) {
	same := run("pw", "wp", "pp", "ww")
	if c := Compare(same, same, Overall, Options{}); c.Test != signFlips || c.P != 1 || len(c.Gained)+len(c.Lost) != 0 {
		t.Errorf("a run against itself: %+v", c)
	}
	better := run("pp", "pp", "pp", "pp")
	c := Compare(run("ww", "ww", "ww", "ww"), better, Overall, Options{})
	if c.P != 0.125 || c.Interval.Low > 0.5 || c.Interval.High < 0.99 || c.Interval.High > 1 {
		t.Errorf("all wrong against all right: %+v", c)
	}
	if c := Compare(nil, better, Overall, Options{}); c.Tasks != 0 || c.P != 1 || len(c.OnlyB) != 4 {
		t.Errorf("no records against some: %+v", c)
	}
}

// The permutation of signs is McNemar's test where each task has one sample.
func TestFlipsAgreeWithMcNemar(t *testing.T) {
	for _, c := range [][2]int{{0, 0}, {1, 0}, {3, 1}, {6, 0}, {9, 4}, {20, 9}, {40, 15}} {
		diffs := make([]float64, 7) // tasks that fare the same say nothing
		for range c[0] {
			diffs = append(diffs, 1)
		}
		for range c[1] {
			diffs = append(diffs, -1)
		}
		exact := c[0]+c[1] <= mostExact
		if got, want := flipP(diffs, Options{}.withDefaults()), mcnemar(c[0], c[1]); exact && math.Abs(got-want) > 1e-6 || math.Abs(got-want) > 0.01 {
			t.Errorf("%d gained, %d lost: p = %v, McNemar's is %v", c[0], c[1], got, want)
		}
	}
}

// With one sample a task the bootstrap is Jeffreys' interval, whose values are
// those of the beta distribution.
func TestBootstrapIsJeffreys(t *testing.T) {
	for _, c := range []struct{ x, n int }{{0, 20}, {1, 20}, {10, 20}, {19, 20}, {164, 164}, {100, 164}} {
		values := make([]float64, c.n)
		for i := range c.x {
			values[i] = 1
		}
		iv := bootstrap(values, Options{}.withDefaults())
		b := distuv.Beta{Alpha: float64(c.x) + 0.5, Beta: float64(c.n-c.x) + 0.5}
		low, high := b.Quantile(0.025), b.Quantile(0.975)
		if c.x == 0 {
			low = 0
		}
		if c.x == c.n {
			high = 1
		}
		if math.Abs(iv.Low-low) > 0.006 || math.Abs(iv.High-high) > 0.006 || iv.Low == iv.High {
			t.Errorf("%d of %d: [%v, %v], want [%v, %v]", c.x, c.n, iv.Low, iv.High, low, high)
		}
	}
}

// Intervals hold the true rate as often as they say, also where nearly all samples
// agree: tasks have rates of a distribution, samples are drawn from these.
func TestCoverage(t *testing.T) {
	const trials = 400
	random := rand.New(rand.NewPCG(1, 2))
	o := Options{Resamples: 1000}.withDefaults()
	for _, c := range []struct {
		name    string
		tasks   int
		samples int
		rate    func() float64
		mean    float64
	}{
		{"half of the tasks are easy", 100, 10, func() float64 { return float64(random.IntN(2)) }, 0.5},
		{"rates spread evenly", 50, 5, random.Float64, 0.5},
		{"nearly all pass", 164, 10, func() float64 { return 1 - 0.02*random.Float64() }, 0.99},
		{"one task in a hundred fails", 164, 4, func() float64 {
			if random.IntN(100) == 0 {
				return 0
			}
			return 1
		}, 0.99},
		{"one in twenty passes, few tasks", 30, 3, func() float64 {
			if random.IntN(20) == 0 {
				return 1
			}
			return 0
		}, 0.05},
	} {
		held := 0
		for range trials {
			values := make([]float64, c.tasks)
			for i := range values {
				p := c.rate()
				for range c.samples {
					if random.Float64() < p {
						values[i] += 1 / float64(c.samples)
					}
				}
				values[i] = math.Round(values[i]*1e9) / 1e9
			}
			if iv := bootstrap(values, o); iv.Low <= c.mean && c.mean <= iv.High {
				held++
			}
		}
		// Three standard errors of the share of 400 trials are 3.3 %.
		t.Logf("%s: %.3f", c.name, float64(held)/trials)
		if share := float64(held) / trials; share < 0.917 {
			t.Errorf("%s: %.3f of the intervals hold the rate, want 0.95", c.name, share)
		}
	}
}

func TestMcNemarStaysAboveNought(t *testing.T) {
	for _, c := range []struct {
		gained, lost int
		want         float64
	}{{0, 0, 1}, {1, 0, 1}, {5, 5, 1}, {6, 0, 0.03125}, {100, 0, math.Pow(2, -99)}} {
		if got := mcnemar(c.gained, c.lost); math.Abs(got-c.want) > c.want*1e-5 {
			t.Errorf("mcnemar(%d, %d) = %v, want %v", c.gained, c.lost, got, c.want)
		}
	}
}
