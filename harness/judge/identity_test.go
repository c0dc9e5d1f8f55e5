package judge

import (
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/runtimes"
)

func TestIdentityCoversWhatVerdictsDependOn(t *testing.T) {
	rt := &fakeRuntime{}
	p := problem(t, "humaneval+", task{Base: inputs(1)})
	other := problem(t, "humaneval+", task{Base: inputs(2)})
	seen := map[string]string{}
	note := func(what, id string) {
		if was, ok := seen[id]; ok {
			t.Errorf("%s has the identity of %s", what, was)
		}
		seen[id] = what
	}
	note("the plain one", newJudge(t, Config{Runner: rt}).Identity(p, "a"))
	note("another solution", newJudge(t, Config{Runner: rt}).Identity(p, "b"))
	note("another problem", newJudge(t, Config{Runner: rt}).Identity(other, "a"))
	note("another factor", newJudge(t, Config{Runner: rt, FuelFactor: 8}).Identity(p, "a"))
	note("another floor", newJudge(t, Config{Runner: rt, Floor: 1}).Identity(p, "a"))
	note("other rules", newJudge(t, Config{Runner: rt, Compat: benchmarks.Evalplus031}).Identity(p, "a"))
	note("another Python", newJudge(t, Config{Runner: rt, Python: "3.11"}).Identity(p, "a"))
	note("another limit", newJudge(t, Config{Runner: rt, Limits: runtimes.Limits{FSNodes: 3}}).Identity(p, "a"))
	if newJudge(t, Config{Runner: rt, FuelFactor: DefaultFuelFactor}).Identity(p, "a") != newJudge(t, Config{Runner: rt}).Identity(p, "a") {
		t.Error("a default that is named has another identity")
	}
}
