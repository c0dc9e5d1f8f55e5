package run

import (
	"encoding/json"
	"math"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/score"
	"github.com/assay-dev/assay/internal/jsonl"
)

// bigCodeKs are the k of bigcode-evaluation-harness's pass@k.
var bigCodeKs = []int{1, 10, 100}

// bigCodeResults is evaluation_results.json: pass@k by task, and what was run.
func bigCodeResults(cfg Config, s *Summary) ([]byte, error) {
	scores := map[string]float64{}
	for _, e := range strictScore(cfg, s, bigCodeKs).PassAtK {
		scores[e.Name()] = e.Value
	}
	return indented(map[string]any{
		cfg.Peer.Task: scores,
		"config": map[string]any{
			"tasks": cfg.Peer.Task, "suite": s.Suite.String(), "model": nil, "assay": cfg.Version, "runtime": s.Runtime.Name,
		},
	})
}

// lmEvalResults is what lm-evaluation-harness calls results_DATE.json, without
// what is only of the model.
func lmEvalResults(cfg Config, s *Summary) ([]byte, error) {
	p := cfg.Peer
	results := map[string]any{"alias": p.Task}
	higher := map[string]bool{}
	for metric, k := range p.Ks() {
		sc := strictScore(cfg, s, []int{k})
		e, ok := sc.At(k)
		if !ok {
			continue
		}
		results[metric+","+p.Filter], results[metric+"_stderr,"+p.Filter] = e.Value, standardError(sc, k, e.Value)
		higher[metric] = true
	}
	tasks := map[string]int{"original": s.Tasks.Suite, "effective": s.Tasks.Judged}
	of := func(v any) map[string]any { return map[string]any{p.Task: v} }
	return indented(map[string]any{
		"results": of(results), "group_subtasks": of([]string{}), "n-samples": of(tasks), "higher_is_better": of(higher),
		"configs": of(map[string]any{"task": p.Task, "metadata": map[string]any{"suite": s.Suite.String()}}),
		"config":  map[string]any{"model": "assay", "model_args": map[string]any{"version": cfg.Version, "runtime": s.Runtime.Name}},
	})
}

// strictScore scores by what counts: plus where there is one.
func strictScore(cfg Config, s *Summary, ks []int) score.Score {
	var records []harness.Record
	for _, it := range cfg.Plan.items {
		records = append(records, it.record)
	}
	passed, ok := scored(cfg.Plan.suite, cfg.Options)[s.Strictest()]
	if !ok { // a score over some of the tasks
		passed = score.Overall
	}
	return score.Of(records, passed, score.Options{Ks: ks})
}

// standardError is that of the mean over tasks, or null for a single one.
func standardError(sc score.Score, k int, mean float64) any {
	sum, n := 0.0, 0
	for _, t := range sc.PerTask {
		if t.N < k {
			continue
		}
		d := score.PassAtK(t.N, t.Correct, k) - mean
		sum += d * d
		n++
	}
	if n < 2 {
		return jsonl.Text("N/A")
	}
	return math.Sqrt(sum/float64(n-1)) / math.Sqrt(float64(n))
}

// indented is JSON as json.dumps(v, indent=2) has it.
func indented(v any) ([]byte, error) {
	data, err := json.MarshalIndent(v, "", "  ")
	return append(data, '\n'), err
}
