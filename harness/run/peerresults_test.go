package run

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assay-dev/assay/benchmarks"
)

// TestPeerResults: who gave samples in the form of another harness finds its
// results beside ours, under the names that it uses.
func TestPeerResults(t *testing.T) {
	run := func(p *benchmarks.Peer) *setup {
		cfg, _ := config(t, 3, 10)
		cfg.Peer = p
		mustRun(t, cfg)
		return cfg
	}
	read := func(c *setup, name string) (out map[string]any) {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(c.Dir, name))
		if err == nil {
			err = json.Unmarshal(data, &out)
		}
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	got := read(run(&benchmarks.Peer{Harness: benchmarks.BigCode, Task: "mbpp"}), "evaluation_results.json")
	if diff := cmp.Diff(map[string]any{"pass@1": 2.0 / 3, "pass@10": 2.0 / 3}, got["mbpp"]); diff != "" || got["config"] == nil || len(got) != 2 {
		t.Errorf("bigcode (-want +got):\n%s", diff)
	}

	p := &benchmarks.Peer{Harness: benchmarks.LMEval, Task: "humaneval", Filter: "create_test", Metrics: []string{"pass@1", "pass@64", "acc"}}
	got = read(run(p), "results_lm_eval.json")
	want := map[string]any{"humaneval": map[string]any{
		"alias": "humaneval", "pass@1,create_test": 2.0 / 3, "pass@1_stderr,create_test": math.Sqrt((1.0/9+1.0/9+4.0/9)/2) / math.Sqrt(3),
	}}
	if diff := cmp.Diff(want, got["results"], cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("lm-eval (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"humaneval": map[string]any{"original": 3.0, "effective": 3.0}}, got["n-samples"]); diff != "" {
		t.Errorf("lm-eval (-want +got):\n%s", diff)
	}

	none := run(nil)
	for _, name := range []string{"evaluation_results.json", "results_lm_eval.json", "codegeneration_output.json"} {
		if _, err := os.Stat(filepath.Join(none.Dir, name)); err == nil {
			t.Errorf("%s is there, and nobody asked for it", name)
		}
	}
}
