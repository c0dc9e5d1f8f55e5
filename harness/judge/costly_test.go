package judge

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

// TestHeaviest: the canonical solution's dearest inputs, each of which a program
// meets in an instance of its own.
func TestHeaviest(t *testing.T) {
	costs := func(factor uint64) fakeProgram {
		return fakeProgram{load: 1000, call: func(args value.Tuple) fakeResult {
			n := args[0].(value.Small)
			if factor == 0 && n == 3 {
				return ends(runtimes.Exception)
			}
			return fakeResult{value: n, fuel: factor * (100 + uint64(n))}
		}}
	}
	rt := &fakeRuntime{cases: map[string]fakeProgram{canonical: costs(1), "twice": costs(2), "fails": costs(0)}}
	j, err := New(Config{Runtime: "fake", Runner: rt})
	if err != nil {
		t.Fatal(err)
	}
	p := problem(t, "humaneval+", task{Base: inputs(5, 1), Plus: inputs(3, 5, 2)})
	got, err := j.CostliestInputs(t.Context(), p, 3)
	want := []CostlyInput{{"base", 0, 105}, {"plus", 1, 105}, {"plus", 0, 103}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatalf("(-want +got):\n%s%v", diff, err)
	}
	before := rt.ran["twice"]
	for _, at := range got {
		fuel, ok, err := j.FuelAt(t.Context(), p, "twice", at)
		if fuel != 2*at.Fuel || !ok || err != nil {
			t.Errorf("%+v: %d, %v, %v", at, fuel, ok, err)
		}
	}
	if n := rt.ran["twice"] - before; n != len(got) {
		t.Errorf("%d instances for %d inputs", n, len(got))
	}
	if _, ok, err := j.FuelAt(t.Context(), p, "fails", want[2]); ok || err != nil {
		t.Errorf("a program that fails there: %v, %v", ok, err)
	}
	if _, _, err := j.FuelAt(t.Context(), p, "twice", CostlyInput{Set: "extra"}); err == nil {
		t.Error("an input that isn't there is no error")
	}
	all, err := j.CostliestInputs(t.Context(), p, 50)
	if len(all) != 5 || err != nil {
		t.Errorf("%d of 5 inputs, %v", len(all), err)
	}
	for _, none := range []*benchmarks.Problem{{Oracle: benchmarks.Script, Canonical: "x"}, {Oracle: benchmarks.Stdio}} {
		if _, err := j.CostliestInputs(t.Context(), none, 1); !errors.Is(err, ErrNoCost) {
			t.Errorf("%s without inputs and answer: %v", none.Oracle, err)
		}
	}
}
