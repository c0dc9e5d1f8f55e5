package judge

import (
	"context"
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
)

// cases judges by inputs and expected values, set by set.
func (j *Judge) cases(ctx context.Context, p *benchmarks.Problem, prep *prepared, solution string, rec *harness.Record) error {
	rec.Verdict = harness.Pass
	if p.Tests != nil {
		rec.TestCount = len(prep.sets[0].args)
	}
	for i, set := range prep.sets {
		if j.config.BaseOnly && set.name != "base" {
			continue
		}
		r := setRun{judge: j, problem: p, set: set, expected: &prep.expected.Sets[i]}
		if err := r.run(ctx, solution); err != nil {
			return fmt.Errorf("%s, inputs %q: %w", p.ID, set.name, err)
		}
		rec.Fuel += r.fuel
		rec.Pages = max(rec.Pages, r.pages)
		switch set.name {
		case "base":
			rec.Base = r.verdict
		case "plus":
			rec.Plus = r.verdict
		}
		switch {
		case r.verdict == harness.Pass:
		case rec.Verdict == harness.Pass:
			rec.Verdict, rec.Failure = r.verdict, r.failure
		default:
			rec.PlusFailure = r.failure
		}
	}
	return nil
}
