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
	"github.com/assay-dev/assay/benchmarks/peers"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

// TestPeerResults: who gave samples in the form of another harness finds its
// results beside ours, under the names that it uses.
func TestPeerResults(t *testing.T) {
	run := func(p *peers.Source) *setup {
		cfg, _ := config(t, 3, 10)
		cfg.Source = p
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
	got := read(run(&peers.Source{Harness: peers.BigCode, Task: "mbpp"}), "evaluation_results.json")
	if diff := cmp.Diff(map[string]any{"pass@1": 2.0 / 3, "pass@10": 2.0 / 3}, got["mbpp"]); diff != "" || got["config"] == nil || len(got) != 2 {
		t.Errorf("bigcode (-want +got):\n%s", diff)
	}

	p := &peers.Source{Harness: peers.LMEval, Task: "humaneval", Filter: "create_test", Metrics: []string{"pass@1", "pass@64", "acc"}}
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

func TestEvalplusResults(t *testing.T) {
	cfg, _ := config(t, 3, 2)
	for _, p := range cfg.suite.Problems {
		set, err := benchmarks.NewInputSet("plus", []byte(`[[0],[1],[2],["<3>"]]`))
		if err != nil {
			t.Fatal(err)
		}
		p.Sets = []benchmarks.InputSet{set}
	}
	mustRun(t, cfg)
	var file struct {
		Eval map[string][]struct {
			Solution   string
			BaseStatus *string `json:"base_status"`
			PlusStatus *string `json:"plus_status"`
			PlusFail   []any   `json:"plus_fail_tests"`
		}
		PassAtK map[string]map[string]float64 `json:"pass_at_k"`
	}
	if err := json.Unmarshal([]byte(read(t, cfg.Dir, "eval_results.json")), &file); err != nil {
		t.Fatal(err)
	}
	wrong := file.Eval["T/1"][1]
	if *wrong.BaseStatus != "pass" || *wrong.PlusStatus != "fail" || wrong.Solution != "wrong_answer 1 1" || len(wrong.PlusFail) != 1 {
		t.Errorf("a wrong answer to plus: %+v", wrong)
	}
	if got := file.PassAtK["base"]["pass@1"]; got != 1 {
		t.Errorf("pass@1 of base %v, want 1", got)
	}
}

func TestBigCodeBenchFiles(t *testing.T) {
	cfg, _ := config(t, 3, 2)
	cfg.suite.Name = "bigcodebench-hard"
	cfg.Runnable = map[string]bool{"T/0": true, "T/2": true}
	cfg.BigCodeBench = &peers.BigCodeBench{Samples: "model.jsonl.gz", Split: "instruct", Calibrated: true}
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

// The files are those of lcb_runner: what its own programs read of them is there.
func TestLCBFiles(t *testing.T) {
	cfg, _ := config(t, 3, 2)
	cfg.suite.Name, cfg.suite.Sets = benchmarks.LiveCodeBench, []string{"base"}
	for i, p := range cfg.suite.Problems {
		p.Statement, p.Contest = "é\ud7ff", benchmarks.Contest{Title: "T", Platform: "atcoder", ID: "c", Date: "2024-01-01T00:00:00", Difficulty: []string{"easy", "hard", ""}[i]}
	}
	cfg.samples[0].Solution = "pass \xed\xa0\x80" // a lone surrogate
	summary := mustRun(t, cfg)
	if easy, hard := summary.Difficulty["easy"], summary.Difficulty["hard"]; easy.Correct != 2 || hard.Correct != 0 || hard.Samples != 2 || len(summary.Difficulty) != 2 {
		t.Errorf("by difficulty %+v", summary.Difficulty)
	}
	if err := validate(compile(t, "summary"), read(t, cfg.Dir, summaryName)); err != nil {
		t.Error(err)
	}
	var eval []json.RawMessage
	if err := json.Unmarshal([]byte(read(t, cfg.Dir, "codegeneration_output_eval.json")), &eval); err != nil || len(eval) != 3 {
		t.Fatalf("%d parts, %v", len(eval), err)
	}
	var metrics struct {
		PassAt1 float64  `json:"pass@1"`
		PassAt5 *float64 `json:"pass@5"`
		Detail  map[string]map[string]float64
	}
	if err := json.Unmarshal(eval[0], &metrics); err != nil || metrics.PassAt1 != 2.0/3 || metrics.PassAt5 != nil || metrics.Detail["pass@1"]["1"] != 0 || len(metrics.Detail["pass@1"]) != 3 {
		t.Errorf("metrics %s, %v", eval[0], err)
	}
	var results map[string][][]any
	if err := json.Unmarshal(eval[1], &results); err != nil || len(results) != 3 || len(results["2"]) != 2 {
		t.Errorf("results %s, %v", eval[1], err)
	}
	var all []map[string]any
	if err := json.Unmarshal([]byte(read(t, cfg.Dir, "codegeneration_output_eval_all.json")), &all); err != nil || len(all) != 3 {
		t.Fatalf("%d rows, %v", len(all), err)
	}
	for _, name := range []string{"question_title", "question_content", "platform", "question_id", "contest_id", "contest_date", "starter_code", "difficulty", "output_list", "code_list", "graded_list", "pass@1", "metadata"} {
		if _, ok := all[0][name]; !ok || len(all[0]) != 13 {
			t.Errorf("no %s in %d members", name, len(all[0]))
		}
	}
	if all[0]["pass@1"] != 1.0 || all[1]["pass@1"] != 0.0 {
		t.Errorf("pass@1 %v and %v", all[0]["pass@1"], all[1]["pass@1"])
	}
	// What was written is read as samples, to the byte.
	path := cfg.Dir + "/codegeneration_output.json"
	again, err := peers.Read(t.Context(), path, cfg.suite)
	if err != nil || len(again.All) != len(cfg.samples) {
		t.Fatalf("%+v, %v", again, err)
	}
	for i, s := range again.All {
		if s.Solution != cfg.samples[i].Solution || s.TaskID != cfg.samples[i].TaskID {
			t.Errorf("sample %d: %q, want %q", i, s.Solution, cfg.samples[i].Solution)
		}
	}
}

// TestPeersWordsAreOurs: the verdicts that peers tell apart, and unit tests that
// did not pass, are named as the harness names them.
func TestPeersWordsAreOurs(t *testing.T) {
	for ours, theirs := range map[harness.Verdict]peers.Verdict{
		harness.Pass: peers.Pass, harness.WrongAnswer: peers.WrongAnswer, harness.OutOfFuel: peers.OutOfFuel,
		harness.NoResult: peers.NoResult, harness.Trap: peers.Trap, harness.InfraError: peers.InfraError,
	} {
		if string(ours) != string(theirs) {
			t.Errorf("%s is %s to the peers", ours, theirs)
		}
	}
	raised := &runtimes.ExceptionInfo{Type: "E", Message: "m", Traceback: "t"}
	n := 2
	got := peerSample("x", harness.Record{
		Verdict: harness.WrongAnswer, Base: harness.Pass, Plus: harness.Exception, Fuel: 5, TestCount: 3,
		Failure:     &harness.Failure{Set: "plus", Input: &n, Args: "a", Expected: "b", Actual: "c", Exception: raised, Detail: "d"},
		PlusFailure: &harness.Failure{Detail: "e"},
		Tests: []runtimes.TestResult{
			{Name: "passes", Outcome: runtimes.TestPass}, {Name: "fails", Outcome: runtimes.TestFail, Exception: raised}, {Name: "raises", Outcome: runtimes.TestError},
		},
	})
	want := &peers.Sample{
		Solution: "x", Verdict: "wrong_answer", Base: "pass", Plus: "exception", Fuel: 5, Tests: 3,
		Failure:     &peers.Failure{Set: "plus", Input: &n, Args: "a", Expected: "b", Actual: "c", Exception: &peers.Exception{Type: "E", Message: "m", Traceback: "t"}, Detail: "d"},
		PlusFailure: &peers.Failure{Detail: "e"},
		Failed:      []peers.TestFailure{{Test: "fails", Exception: &peers.Exception{Type: "E", Message: "m", Traceback: "t"}}, {Test: "raises"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
