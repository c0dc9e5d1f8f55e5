package efficiency

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/judge"
)

// meter knows what each program uses on any input, in thousands of fuel: 0 for one
// that fails.
type meter map[string]uint64

func (m meter) CostliestInputs(_ context.Context, p *benchmarks.Problem, n int) ([]judge.CostlyInput, error) {
	if p.Canonical == "" {
		return nil, judge.ErrNoCost
	}
	return []judge.CostlyInput{{Set: "plus", Input: 7, Fuel: 9}, {Set: "base", Input: 0, Fuel: 8}}[:min(n, 2)], nil
}

func (m meter) FuelAt(_ context.Context, _ *benchmarks.Problem, solution string, at judge.CostlyInput) (uint64, bool, error) {
	if solution == "broken" {
		return 0, false, errors.New("the machine room is on fire")
	}
	return 1000 * m[solution], m[solution] > 0, nil
}

func measure(t *testing.T, m meter, programs map[string][]string) (*Report, error) {
	t.Helper()
	suite := &benchmarks.Suite{Name: "s"}
	c := Config{Suite: suite, Meter: m, Workers: 3, Program: func(r harness.Record) (string, error) { return r.Candidate, nil }}
	for _, id := range []string{"T/10", "T/2", "T/3", "T/4", "T/5"} {
		canonical := "canonical"
		switch id {
		case "T/3":
			canonical = "light"
		case "T/4":
			canonical = ""
		}
		suite.Problems = append(suite.Problems, &benchmarks.Problem{ID: id, Canonical: canonical})
		for i, p := range programs[id] {
			r := harness.Record{TaskID: id, Sample: i, Verdict: harness.Pass, Candidate: p}
			if p == "wrong" {
				r.Verdict = harness.WrongAnswer
			}
			c.Records = append(c.Records, r)
		}
	}
	return Measure(t.Context(), c)
}

func TestMeasure(t *testing.T) {
	m := meter{"canonical": 1000, "twice": 2000, "half": 500, "light": 100, "same": 1000}
	r, err := measure(t, m, map[string][]string{
		"T/10": {"twice", "wrong", "half"}, "T/2": {"twice", "fails", "twice"}, "T/3": {"same"}, "T/4": {"same"}, "T/5": {"wrong"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Tasks) != 2 || r.Tasks[0].TaskID != "T/2" || r.Samples != 4 || r.Light != 1 || r.Without != 1 || r.Unmeasured != 1 {
		t.Errorf("got %+v", r)
	}
	// T/10: 2 and 1/2, whose geometric mean is 1; T/2: 2 and 2.
	if want := math.Sqrt2; math.Abs(r.Ratio.Value-want) > 1e-5 {
		t.Errorf("ratio %v, want %v", r.Ratio.Value, want)
	}
	// T/10: (0.5 + 1) / 2; T/2: 0.5.
	if r.Efficiency.Value != 0.625 || r.Efficiency.Interval.Low > 0.5 || r.Efficiency.Interval.Low <= 0 || r.Efficiency.Interval.High < 0.75 || r.Efficiency.Interval.High >= 1 {
		t.Errorf("efficiency %+v, want 0.625, from below 0.5 to above 0.75: there are two tasks", r.Efficiency)
	}
	if got := []At{{0.5, 1}, {1.1, 1}, {2, 4}, {10, 4}}; len(r.Within) != 4 || r.Within[0] != got[0] || r.Within[1] != got[1] || r.Within[2] != got[2] {
		t.Errorf("within %+v, want %+v", r.Within, got)
	}
	if s := r.Tasks[1].Samples; r.Tasks[1].Canonical != 2_000_000 || s[1].Sample != 2 || s[1].Fuel != 1_000_000 || s[1].Ratio != 0.5 {
		t.Errorf("T/10: %+v", r.Tasks[1])
	}
}

func TestNothingToMeasure(t *testing.T) {
	r, err := measure(t, meter{}, map[string][]string{"T/4": {"same"}, "T/5": {"wrong"}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil || strings.Contains(string(text), "null") || r.Ratio != nil || r.Without != 1 {
		t.Errorf("%s, %v", text, err)
	}
}

func TestFaultsEndIt(t *testing.T) {
	_, err := measure(t, meter{"canonical": 1000}, map[string][]string{"T/2": {"broken"}})
	if err == nil || !strings.Contains(err.Error(), "T/2: the machine room") {
		t.Errorf("got %v", err)
	}
	if _, err = measure(t, meter{}, map[string][]string{"T/2": {"same"}}); err == nil || !strings.Contains(err.Error(), "the canonical solution") {
		t.Errorf("a canonical solution that fails: %v", err)
	}
}
