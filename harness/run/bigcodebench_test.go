package run

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/benchmarks/evalplus"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

// TestRunnable: both scores are there, and which of them counts is said.
func TestRunnable(t *testing.T) {
	cfg, _ := config(t, 4, 1) // T/0 and T/2 are right
	if s := mustRun(t, cfg); s.Strictest() != "plus" || len(s.Scores) != 2 {
		t.Errorf("nothing known: %+v", s.Scores)
	}
	for _, only := range []bool{false, true} {
		cfg, _ := config(t, 4, 1)
		cfg.suite.Sets = []string{"base"}
		cfg.Runnable, cfg.RunnableOnly = map[string]bool{"T/0": true, "T/1": false, "T/2": true, "T/3": true}, only
		s := mustRun(t, cfg)
		want := map[string]map[string]float64{"base": {"pass@1": 0.5}, "runnable": {"pass@1": 2. / 3}}
		if diff := cmp.Diff(want, s.PassAtK); diff != "" {
			t.Error(diff)
		}
		if counts := map[bool]string{false: "base", true: "runnable"}[only]; s.Strictest() != counts || s.RunnableOnly != only {
			t.Errorf("only %t: %s counts", only, s.Strictest())
		}
		if n := s.Verdicts[harness.Pass] + s.Verdicts[harness.WrongAnswer]; n != 4 {
			t.Errorf("%d samples have verdicts, want all", n)
		}
	}
}

func TestBigCodeBenchFiles(t *testing.T) {
	cfg, _ := config(t, 3, 2)
	cfg.suite.Name = "bigcodebench-hard"
	cfg.Runnable = map[string]bool{"T/0": true, "T/2": true}
	cfg.BigCodeBench = &BigCodeBench{Samples: "model.jsonl.gz", Split: "instruct", Calibrated: true}
	mustRun(t, cfg)
	var results struct {
		Eval map[string][]struct {
			Solution, Status string
			Details          map[string]string
		}
	}
	if err := json.Unmarshal([]byte(read(t, cfg.Dir, "bigcodebench_eval_results.json")), &results); err != nil {
		t.Fatal(err)
	}
	if got := results.Eval["T/0"]; len(got) != 2 || got[1].Status != "pass" || got[1].Solution != "pass 0 1" || len(got[1].Details) != 0 {
		t.Errorf("T/0: %+v", got)
	}
	if got := results.Eval["T/1"]; len(got) != 2 || got[0].Status != "fail" {
		t.Errorf("T/1: %+v", got)
	}
	var passAtK map[string]any
	if err := json.Unmarshal([]byte(read(t, cfg.Dir, "bigcodebench_pass_at_k.json")), &passAtK); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"pass@1": 2. / 3, "model": "model.jsonl.gz", "split": "instruct", "subset": "hard", "calibrated": true,
		"gt_pass_rate": 2. / 3, "failed_tasks": []any{"T/1"},
	}
	if diff := cmp.Diff(want, passAtK); diff != "" {
		t.Error(diff)
	}
}

func TestDetails(t *testing.T) {
	raised := func(message string) *runtimes.ExceptionInfo {
		return &runtimes.ExceptionInfo{Type: "E", Message: message, Traceback: "  File \"__test__.py\", line 1, in f\n"}
	}
	trace := func(message string) string {
		return "Traceback (most recent call last):\n  File \"__test__.py\", line 1, in f\nE: " + message + "\n"
	}
	for name, c := range map[string]struct {
		rec  harness.Record
		want []evalplus.Detail
	}{
		"pass": {harness.Record{Verdict: harness.Pass, Tests: []runtimes.TestResult{{Name: "a", Outcome: runtimes.TestPass}}}, nil},
		"two tests, one of them twice": {harness.Record{Verdict: harness.WrongAnswer, Failure: &harness.Failure{}, Tests: []runtimes.TestResult{
			{Name: "a", Outcome: runtimes.TestFail, Exception: raised("1")}, {Name: "b", Outcome: runtimes.TestError, Exception: raised("2")},
			{Name: "c", Outcome: runtimes.TestPass}, {Name: "a", Outcome: runtimes.TestFail, Exception: raised("3")},
		}}, []evalplus.Detail{{Test: "a", Trace: trace("3")}, {Test: "b", Trace: trace("2")}}},
		"at import":   {harness.Record{Verdict: "exception", Failure: &harness.Failure{Exception: raised("no module")}}, []evalplus.Detail{{Test: "ALL", Trace: "no module"}}},
		"out of fuel": {harness.Record{Verdict: "out_of_fuel", Failure: &harness.Failure{Detail: "spent"}}, []evalplus.Detail{{Test: "ALL", Trace: "spent"}}},
		"left early": {harness.Record{Verdict: harness.NoResult, Failure: &harness.Failure{Detail: "there is no record of b"}, Tests: []runtimes.TestResult{{Name: "a", Outcome: runtimes.TestPass}}},
			[]evalplus.Detail{{Test: "ALL", Trace: "there is no record of b"}}},
	} {
		if diff := cmp.Diff(c.want, details(c.rec)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
