package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"assay/benchmarks/starter"
)

// TestHostile runs testdata/script/hostile: candidates that cheat, steal,
// tamper or use up, and the verdict that each must get.
func TestHostile(t *testing.T) { runScripts(t, filepath.Join("testdata", "script", "hostile")) }

// judged holds candidates to verdicts:
//
//	judged SUITE [FLAG=VALUE...] (CANDIDATE VERDICT)...
//
// All are samples of the task $TASK, by default Starter/0. The suite is starter,
// judged by its inputs, or humaneval: the same problems in HumanEval's
// form, judged by their test programs. They are judged twice, the second time by
// verify, and every byte has to be the same: verdict, fuel, memory and message.
func judged(ts *testscript.TestScript, neg bool, args []string) {
	suite, flags, candidates := judgedArgs(args)
	if neg || suite == "" || len(candidates) == 0 || len(candidates)%2 != 0 {
		ts.Fatalf("usage: judged SUITE [FLAG=VALUE...] (CANDIDATE VERDICT)...")
	}
	task := ts.Getenv("TASK")
	if task == "" {
		task = "Starter/0"
	}
	var samples bytes.Buffer
	for pair := range slices.Chunk(candidates, 2) {
		ts.Check(json.NewEncoder(&samples).Encode(map[string]string{"task_id": task, "solution": ts.ReadFile(pair[0])}))
	}
	ts.Check(os.WriteFile(ts.MkAbs("samples.jsonl"), samples.Bytes(), 0o644))
	ts.Check(os.WriteFile(ts.MkAbs("starter.jsonl"), starter.Problems(), 0o644))

	eval := []string{"eval", suite, "--samples", "samples.jsonl", "--out", "out", "--force", "--quiet", "--tasks", task}
	verify := []string{"verify", "out", "--quiet"}
	if suite != "starter" {
		eval, verify = append(eval, "--data", "starter.jsonl"), append(verify, "--data", "starter.jsonl")
	}
	ts.Check(ts.Exec("assay", append(eval, flags...)...))
	holdVerdicts(ts, candidates)
	ts.Check(ts.Exec("assay", verify...))
}

func judgedArgs(args []string) (suite string, flags, candidates []string) {
	if len(args) == 0 {
		return "", nil, nil
	}
	n := slices.IndexFunc(args[1:], func(a string) bool { return !strings.HasPrefix(a, "-") })
	if n < 0 {
		return "", nil, nil
	}
	return args[0], args[1 : 1+n], args[1+n:]
}

func holdVerdicts(ts *testscript.TestScript, candidates []string) {
	rows := strings.Split(strings.TrimSpace(ts.ReadFile(filepath.Join("out", "results.jsonl"))), "\n")
	if len(rows) != len(candidates)/2 {
		ts.Fatalf("%d results for %d candidates", len(rows), len(candidates)/2)
	}
	wrong := false
	for i, row := range rows {
		var got struct{ Verdict string }
		ts.Check(json.Unmarshal([]byte(row), &got))
		if name, want := candidates[2*i], candidates[2*i+1]; got.Verdict != want {
			wrong = true
			ts.Logf("%s: %s, want %s: %s", name, got.Verdict, want, row)
		}
	}
	if wrong {
		ts.Fatalf("another verdict than there must be")
	}
}
