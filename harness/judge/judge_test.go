package judge

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

func newJudge(t *testing.T, c Config) *Judge {
	t.Helper()
	if c.Runtime == "" {
		c.Runtime = "fake"
	}
	if r, ok := c.Runner.(interface{ Identity() string }); ok {
		c.Runtime = r.Identity()
	}
	j, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func judgeOne(t *testing.T, j *Judge, p *benchmarks.Problem, solution string) harness.Record {
	t.Helper()
	rec, err := j.Judge(context.Background(), p, benchmarks.Sample{TaskID: p.ID, Solution: solution})
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestFaultsAreSaid(t *testing.T) {
	p := problem(t, "humaneval+", task{Base: inputs(1)})
	for faults, want := range map[int]harness.Verdict{0: harness.Pass, 1: harness.InfraError} {
		rt := &fakeRuntime{cases: map[string]fakeProgram{canonical: double}}
		j := newJudge(t, Config{Runner: rt})
		if err := j.Prepare(context.Background(), p); err != nil {
			t.Fatal(err)
		}
		rt.faults = faults
		rec := judgeOne(t, j, p, canonical)
		if rec.Verdict != want {
			t.Errorf("after %d faults: %s, want %s", faults, rec.Verdict, want)
		}
		if want == harness.InfraError && !strings.Contains(rec.Failure.Detail, errFake.Error()) {
			t.Errorf("the fault isn't named: %+v", rec.Failure)
		}
		if again := judgeOne(t, j, p, canonical); again.Verdict != harness.Pass {
			t.Errorf("a fault was remembered: %+v", again)
		}
	}
}

func TestCanonicalSolutionThatFailsIsOurFault(t *testing.T) {
	p := problem(t, "humaneval+", task{Base: inputs(1)})
	j := newJudge(t, Config{Runner: &fakeRuntime{cases: map[string]fakeProgram{
		canonical: {call: func(value.Tuple) fakeResult { return ends(runtimes.Exception) }},
		"sample":  double,
	}}})
	rec := judgeOne(t, j, p, "sample")
	if rec.Verdict != harness.InfraError || !strings.Contains(rec.Failure.Detail, `"base": input 0: the canonical solution ended with exception`) {
		t.Errorf("%s: %+v", rec.Verdict, rec.Failure)
	}
}

func TestGivingUpIsNoVerdict(t *testing.T) {
	p := problem(t, "humaneval+", task{Base: inputs(1)})
	rt := &fakeRuntime{cases: map[string]fakeProgram{canonical: double}, faults: 9}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := newJudge(t, Config{Runner: rt}).Judge(ctx, p, benchmarks.Sample{Solution: canonical})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
}

func TestEqualWorkIsDoneOnce(t *testing.T) {
	store, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := problem(t, "humaneval+", task{Base: inputs(1), Plus: inputs(2)})
	programs := map[string]fakeProgram{canonical: double, "sample": double}
	first := &fakeRuntime{cases: programs}
	j := newJudge(t, Config{Runner: first, Cache: store})
	var wg sync.WaitGroup
	records := make([]harness.Record, 8)
	for i := range records {
		wg.Go(func() {
			rec, err := j.Judge(context.Background(), p, benchmarks.Sample{TaskID: p.ID, Index: i, Solution: "sample"})
			if err != nil {
				t.Error(err)
			}
			records[i] = rec
		})
	}
	wg.Wait()
	if first.ran[canonical] != 2 || first.ran["sample"] != 2 {
		t.Errorf("ran %v, want each program once on each of two sets", first.ran)
	}
	for i, rec := range records {
		if rec.Sample != i || rec.Verdict != harness.Pass {
			t.Errorf("sample %d: %+v", i, rec)
		}
	}

	second := &fakeRuntime{cases: programs}
	if rec := judgeOne(t, newJudge(t, Config{Runner: second, Cache: store}), p, "sample"); !reflect.DeepEqual(rec, records[0]) {
		t.Errorf("from the cache: %+v, want %+v", rec, records[0])
	}
	if len(second.ran) != 0 {
		t.Errorf("ran %v, want nothing", second.ran)
	}

	third := &fakeRuntime{cases: programs}
	judgeOne(t, newJudge(t, Config{Runner: third, Cache: store, Fresh: true}), p, "sample")
	if third.ran["sample"] != 2 || third.ran[canonical] != 0 {
		t.Errorf("ran %v, want the sample anew against cached expected values", third.ran)
	}
}

func TestConfigIsChecked(t *testing.T) {
	rt := &fakeRuntime{}
	for _, c := range []Config{
		{}, {Runtime: "fake", Runner: rt, FuelFactor: 0.5}, {Runtime: "fake", Runner: rt, FuelFactor: math.NaN()}, {Runtime: "fake", Runner: rt, FuelFactor: math.Inf(1)}, {Runtime: "fake", Runner: rt, Compat: "evalplus-9"},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}
