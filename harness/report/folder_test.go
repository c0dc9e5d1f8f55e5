package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/harness/efficiency"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/harness/score"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/rundir"
)

// put writes a file of a test's folder: text as it is, all else as JSON.
func put(t testing.TB, dir, name string, v any) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	data, ok := v.(string)
	if !ok {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		data = string(text)
	}
	if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
}

// judged is a sample of a test's run.
type judged struct {
	harness.Record
	program string
}

func sample(task string, v harness.Verdict, program string, f *harness.Failure) judged {
	sum := sha256.Sum256([]byte(program))
	r := harness.Record{
		Version: harness.RecordVersion, TaskID: task, Verdict: v, Base: v, Plus: v, Oracle: "cases", Fuel: uint64(1000 * (len(program) + 1)), Pages: 320,
		Candidate: hex.EncodeToString(sum[:]), Identity: strings.Repeat("0", 64), Failure: f,
	}
	return judged{r, program}
}

// resultsFolder writes a results folder, with a summary unless suite is "".
func resultsFolder(t testing.TB, dir, suite string, samples ...judged) string {
	t.Helper()
	var lines strings.Builder
	var records []harness.Record
	for _, s := range samples {
		if suite == "graded" { // which has no second set of inputs
			s.Base, s.Plus = "", ""
		}
		text, err := json.Marshal(s.Record)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&lines, "%s\n", text)
		put(t, dir, "candidates/"+s.Candidate+".py", s.program)
		records = append(records, s.Record)
	}
	put(t, dir, "results.jsonl", lines.String())
	if suite != "" {
		summary := run.Summary{Version: run.SummaryVersion, Suite: run.SuiteID{Name: suite, Version: "v1"}, Samples: len(samples),
			Tasks: run.TaskCount{Suite: len(samples) + 1, Judged: len(samples)}, Runtime: run.RuntimeID{Name: "python 3.15"},
			Options: run.Options{Compat: "evalplus-0.3.1"}, Verdicts: map[harness.Verdict]int{},
			Scores: map[string]score.Score{"base": score.Of(records, score.Base, score.Options{}), "plus": score.Of(records, score.Plus, score.Options{})}}
		if suite == "graded" {
			summary.Scores = map[string]score.Score{"base": score.Of(records, score.Overall, score.Options{}), "runnable": score.Of(records[:1], score.Overall, score.Options{})}
			summary.Difficulty, summary.RunnableOnly = map[string]score.Score{"hard": summary.Scores["base"], "easy": summary.Scores["runnable"]}, true
		}
		if suite == "tiny" {
			summary.Disputed = []benchmarks.Dispute{
				{Task: "Tiny/3", What: "tests", About: "A test wants | `three`.", Thread: "https://example.org/3"},
				{Task: "Tiny/11", What: "solution", About: "its solution fails test 0: exception"},
			}
		}
		for _, r := range records {
			if h := r.OwnSolution; h != "" {
				summary.Disputed = append(summary.Disputed, benchmarks.Dispute{Task: r.TaskID, What: h, About: h, Thread: h})
			}
		}
		for _, r := range records {
			summary.Verdicts[r.Verdict]++
		}
		put(t, dir, "summary.json", summary)
	}
	return dir
}

// before and after are two runs of a suite.
func before(t testing.TB, dir string) string {
	zero, one := 0, 1
	return resultsFolder(t, dir, "tiny",
		sample("Tiny/2", harness.Pass, "def two():\n    return 2\n", nil),
		sample("Tiny/3", harness.WrongAnswer, "def three(x):\n    # a guess\n    return [1, 2, 'x']\n",
			&harness.Failure{Set: "base", Input: &one, Args: "41", Expected: "[1, 2, 'three']", Actual: "[1, 2, 'x']"}),
		sample("Tiny/10", harness.Exception, "def ten():\n    raise ValueError('no | `ten`')\n",
			&harness.Failure{Set: "plus", Input: &zero, Args: "", Exception: &runtimes.ExceptionInfo{
				Type: "ValueError", Message: "no | `ten`", Line: 2, Traceback: "  File \"solution.py\", line 2, in ten\n    raise ValueError('no | `ten`')\nValueError: no | `ten`"}}),
		sample("Tiny/11", harness.OutOfFuel, "while True: pass\n", &harness.Failure{Detail: "fuel used up"}))
}

// after has unit tests in one record, and what its programs cost.
func after(t testing.TB, dir string) string {
	one := 1
	interval := score.Interval{Low: 0.5, High: 1, Confidence: 0.95}
	put(t, dir, efficiency.FileName, efficiency.Report{Version: efficiency.ReportVersion, Inputs: 5, Samples: 1, Ratio: &efficiency.Mean{Value: 0.75, Interval: interval}, Efficiency: &efficiency.Mean{Value: 1, Interval: interval},
		Tasks: []efficiency.Task{{TaskID: "Tiny/3", Canonical: 4_000_000, Samples: []efficiency.Sample{{Fuel: 3_000_000, Ratio: 0.75}}}}})
	tested := sample("Tiny/10", harness.WrongAnswer, "def ten():\n    return None\n", &harness.Failure{Set: "base", Input: &one, Args: "", Expected: "10", Actual: "None"})
	tested.Tests = []runtimes.TestResult{{Name: "test_case_1", Outcome: runtimes.TestPass},
		{Name: "test_case_2", Outcome: runtimes.TestFail, Exception: &runtimes.ExceptionInfo{Type: "AssertionError", Message: "None != 10", Traceback: "  File \"solution.py\""}}}
	return resultsFolder(t, dir, "tiny",
		sample("Tiny/2", harness.SyntaxError, "def two(:\n", &harness.Failure{Exception: &runtimes.ExceptionInfo{Type: "SyntaxError", Message: "invalid syntax", Line: 1}}),
		sample("Tiny/3", harness.Pass, "def three(x):\n    return [1, 2, 'three']\n", nil),
		tested,
		sample("Tiny/11", harness.Pass, "def eleven(): return 11\n", nil))
}

// flowFolder writes a folder of codeflow's.
func flowFolder(t testing.TB, dir string) string {
	t.Helper()
	zero := 0
	trace := codeflow.Trace{
		Version: codeflow.TraceVersion, TaskID: "Tiny/3", Source: "tiny@v1", Prompt: "Write three.", Entry: "three", Outcome: codeflow.Passed,
		Steps: []codeflow.Step{
			{Chosen: true, Program: "def three():\n    return 2\n", ProgramSHA256: strings.Repeat("1", 64), Verdict: harness.WrongAnswer, HeldOut: harness.WrongAnswer,
				Failure: &harness.Failure{Set: "base", Input: &zero, Expected: "3", Actual: "2"}, Feedback: "I ran the program, and it failed.", Fuel: 1500},
			{Iteration: 1, Chosen: true, Program: "def three():\n    return 3\n", ProgramSHA256: strings.Repeat("2", 64), Verdict: harness.Pass, HeldOut: harness.Pass, Fuel: 2500},
		},
	}
	dropped := codeflow.Trace{Version: codeflow.TraceVersion, TaskID: "Tiny/4", Source: "tiny@v1", Prompt: "Write four.", Outcome: codeflow.Dropped, Reason: codeflow.NeverPassed,
		Steps: []codeflow.Step{{Chosen: true, Answer: "I'd rather not.", Verdict: codeflow.NoProgram, Fuel: 1}}}
	var lines strings.Builder
	for _, tr := range []codeflow.Trace{trace, dropped} {
		text, err := json.Marshal(tr)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&lines, "%s\n", text)
	}
	put(t, dir, codeflow.TracesName, lines.String())
	rate := func(v, low, high float64) *score.Estimate {
		return &score.Estimate{K: 1, Value: v, Interval: score.Interval{Low: low, High: high, Confidence: 0.95}}
	}
	put(t, dir, codeflow.StatsName, codeflow.Stats{
		Version: codeflow.StatsVersion, Source: "tiny@v1", Tasks: 2, Traces: 2, Passed: 1, Dropped: map[string]int{codeflow.NeverPassed: 1},
		Iterations: []codeflow.IterationStats{
			{Iteration: 0, Traces: 2, Attempts: 2, Rate: rate(0, 0, 0.84), HeldOut: rate(0, 0, 0.84), Chosen: map[harness.Verdict]int{harness.WrongAnswer: 1, codeflow.NoProgram: 1}},
			{Iteration: 1, Traces: 1, Attempts: 1, Passed: 1, Rate: rate(0.5, 0.013, 0.987), HeldOut: rate(0.5, 0.013, 0.987), Chosen: map[harness.Verdict]int{harness.Pass: 1}},
		},
		Moves: []codeflow.Move{{From: harness.WrongAnswer, To: harness.Pass, Count: 1}},
	})
	return dir
}

// trainingFolder writes a run directory; finished says whether it has a result.
func trainingFolder(t testing.TB, dir string, finished bool) string {
	t.Helper()
	put(t, dir, trainer.ManifestFile, trainer.Manifest{Version: trainer.ManifestVersion, Trainer: "trl", Method: "target-rpo", Beta: 0.1, Alpha: 1, Mask: "line", Counts: trainer.Counts{Pairs: 9, Kept: 8}})
	put(t, dir, trainer.ConfigFile, trainer.Training{Model: "models/tiny-0.5B"})
	put(t, dir, trainer.MetricsFile, `{"step":1,"loss":6.4,"rewards/accuracies":0,"rewards/margins":0,"rewards/chosen":0,"rewards/rejected":0,"epoch":0.5}
{"step":1,"eval_loss":6.3,"eval_rewards/margins":0.1}
{"step":2,"loss":5.1,"rewards/accuracies":1,"rewards/margins":0.25,"rewards/chosen":0.2,"rewards/rejected":-0.05,"epoch":1}
`)
	if finished {
		put(t, dir, rundir.ResultFile, rundir.Result{Step: 2, Pairs: 8, HeldOut: 1})
	}
	return dir
}
