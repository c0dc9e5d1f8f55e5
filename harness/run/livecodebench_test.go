package run

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

// lcbRecords are the ends that a sample can come to, with what lcb_runner's form
// says of them.
var lcbRecords = []struct {
	what     string
	record   harness.Record
	result   string
	metadata string
}{
	{"a pass", harness.Record{Verdict: harness.Pass, Oracle: "stdio", Fuel: 5, TestCount: 3}, `[true,true,true]`, `{"fuel":5,"verdict":"pass"}`},
	{"output", failed("stdio", harness.WrongAnswer, 1, &harness.Failure{Args: "<1>", Expected: "2", Actual: "3", Detail: "line 1 differs"}), `[true,-2]`,
		`{"fuel":5,"verdict":"wrong_answer","error":"line 1 differs","output":"3","inputs":"<1>","expected":"2","error_code":-2,"error_message":"Wrong Answer"}`},
	{"a value", failed("cases", harness.WrongAnswer, 0, &harness.Failure{}), `[false]`, `{"fuel":5,"verdict":"wrong_answer","error_code":-2,"error_message":"Wrong Answer"}`},
	{"fuel", failed("stdio", harness.OutOfFuel, 2, &harness.Failure{}), `[true,true,-3]`, `{"fuel":5,"verdict":"out_of_fuel","error_code":-3,"error_message":"Time Limit Exceeded"}`},
	{"an exception", failed("cases", harness.Exception, 0, &harness.Failure{Exception: &runtimes.ExceptionInfo{Type: "ValueError", Message: "it's"}}), `[-4]`,
		`{"fuel":5,"verdict":"exception","error":"ValueError(\"it's\")","error_code":-4,"error_message":"Runtime Error"}`},
	{"a fault of ours", harness.Record{Verdict: harness.InfraError, Failure: &harness.Failure{Detail: "no room"}}, `[-2]`,
		`{"fuel":0,"verdict":"infra_error","error":"no room","error_code":-5,"error_message":"TestRunnerError"}`},
}

func failed(oracle string, v harness.Verdict, input int, f *harness.Failure) harness.Record {
	f.Input = &input
	return harness.Record{Verdict: v, Oracle: oracle, Fuel: 5, TestCount: 3, Failure: f}
}

func TestLCBRecords(t *testing.T) {
	for _, c := range lcbRecords {
		result, err := json.Marshal(lcbResult(c.record))
		if err != nil || string(result) != c.result {
			t.Errorf("%s: %s, want %s", c.what, result, c.result)
		}
		var got, want any
		if err := json.Unmarshal([]byte(lcbMetadata(c.record)), &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(c.metadata), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, diff)
		}
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
	again, _, err := benchmarks.ReadSamples(path, cfg.suite)
	if err != nil || len(again) != len(cfg.samples) {
		t.Fatalf("%d samples, %v", len(again), err)
	}
	for i, s := range again {
		if s.Solution != cfg.samples[i].Solution || s.TaskID != cfg.samples[i].TaskID {
			t.Errorf("sample %d: %q, want %q", i, s.Solution, cfg.samples[i].Solution)
		}
	}
}
