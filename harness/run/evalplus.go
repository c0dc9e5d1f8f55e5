package run

import (
	"bytes"
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/benchmarks/evalplus"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/score"
)

// evalplusResults is eval_results.json: the verdicts in evalplus's form.
func evalplusResults(cfg Config, s *Summary) ([]byte, error) {
	var b bytes.Buffer
	compat := benchmarks.Compat(cfg.Options.Compat)
	w := evalplus.NewWriter(&b, cfg.Plan.suite.MD5, compat)
	for _, t := range cfg.Plan.tasks {
		for _, it := range t.items {
			r, err := evalplusResult(t.problem, it)
			if err == nil {
				err = w.Write(r)
			}
			if err != nil {
				return nil, fmt.Errorf("evalplus's form of %s: %w", it.name(), err)
			}
		}
	}
	if err := w.Close(evalplus.PassAtK{Base: byK(s.Scores, baseSet), Plus: byK(s.Scores, plusSet)}); err != nil {
		return nil, err
	}
	return append(b.Bytes(), '\n'), nil
}

func evalplusResult(p *benchmarks.Problem, it *item) (evalplus.Result, error) {
	rec := it.record
	r := evalplus.Result{TaskID: rec.TaskID, Solution: it.sample.Solution, Base: status(rec.Base), Plus: status(rec.Plus)}
	if rec.Base == "" {
		r.Base = status(rec.Verdict)
	}
	for _, f := range []*harness.Failure{rec.Failure, rec.PlusFailure} {
		if f == nil || f.Input == nil {
			continue
		}
		input, err := inputJSON(p, f)
		if err != nil {
			return r, err
		}
		if f.Set == plusSet {
			r.PlusFail = input
		} else {
			r.BaseFail = input
		}
	}
	return r, nil
}

// inputJSON is the failing input in a list of its own, which is empty where the
// problem has no such set.
func inputJSON(p *benchmarks.Problem, f *harness.Failure) ([][]byte, error) {
	for i := range p.Sets {
		if set := &p.Sets[i]; set.Name == f.Set {
			input, err := set.JSON(*f.Input)
			return [][]byte{input}, err
		}
	}
	return nil, nil
}

// status is evalplus's word for a verdict. Its timeout means that the child
// was killed or ended without a word; a program that is too slow fails.
func status(v harness.Verdict) evalplus.Status {
	switch v {
	case "", harness.InfraError:
		return evalplus.None
	case harness.Pass:
		return evalplus.Pass
	case harness.NoResult, harness.Trap:
		return evalplus.Timeout
	}
	return evalplus.Fail
}

func byK(scores map[string]score.Score, set string) map[int]float64 {
	s, ok := scores[set]
	if !ok {
		return nil
	}
	out := map[int]float64{}
	for _, e := range s.PassAtK {
		out[e.K] = e.Value
	}
	return out
}
