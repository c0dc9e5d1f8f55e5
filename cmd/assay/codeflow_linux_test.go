package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"assay/benchmarks"
	"assay/benchmarks/datatest"
	"assay/harness/codeflow"
	"assay/harness/dispatch"
	"assay/harness/journal"
	"assay/runtimes/cache"
)

// TestCodeflowKilled is the loop on HumanEval+ with recorded answers: what
// Qwen2.5-Coder-7B wrote, and then the canonical solution. It ends with the same
// bytes, also when it is killed at random moments and goes on, and nothing that
// was answered is asked for again.
func TestCodeflowKilled(t *testing.T) {
	rows := recordedAnswers(t)
	shared, err := cache.DefaultRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := installPython(shared); err != nil {
		t.Skip("the Python runtime can't be had: ", err)
	}
	start := time.Now()
	whole := newFlow(t, 0, shared, rows)
	if said, err := whole.flow(nil); err != nil {
		t.Fatal(err, said)
	}
	took := time.Since(start)
	passed := map[int]int{}
	if err := codeflow.ReadTraces(filepath.Join(whole.dir, codeflow.TracesName), func(tr *codeflow.Trace) error {
		if tr.Outcome == codeflow.Passed {
			passed[tr.Last().Iteration]++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if passed[0] == 0 || passed[1] == 0 || passed[0]+passed[1] != flowTasks {
		t.Errorf("%v traces passed at each iteration, want some at both and %d in all", passed, flowTasks)
	}
	resumed := 0
	for n := range trials(t) {
		tr := newFlow(t, 1+n, shared, rows)
		said, err := tr.flow(tr.killer(n%victims, took))
		if err != nil {
			resumed++
			if said, err = tr.flow(nil); err != nil {
				t.Errorf("trial %d: going on: %v\n%s", n, err, said)
			}
		}
		for _, name := range []string{codeflow.TracesName, codeflow.StatsName} {
			if !bytes.Equal(tr.read(name), whole.read(name)) {
				t.Errorf("trial %d: %s differs\n%s", n, name, said)
			}
		}
		if got, want := tr.questions(), whole.questions(); !maps.Equal(got, want) {
			t.Errorf("trial %d: answered %v, want %v", n, got, want)
		}
	}
	t.Logf("%d trials, %d of them gone on with", trials(t), resumed)
}

// flowTasks is how many tasks a trial has: the first ones, of which three
// are wrong at first.
const flowTasks = 12

// flowTrial is one run of codeflow, with verdicts of its own.
type flowTrial struct {
	trial
	rows string
}

func newFlow(t *testing.T, n int, shared, rows string) flowTrial {
	t.Helper()
	own := t.TempDir()
	if err := shareCache(own, shared, cache.Expected); err != nil {
		t.Fatal(err)
	}
	return flowTrial{trial{
		t: t, dir: t.TempDir(), random: rand.New(rand.NewPCG(11, uint64(n))),
		env: []string{"ASSAY_CACHE=" + own, "ASSAY_DATA=" + datatest.Folder(t)},
	}, rows}
}

func (tr flowTrial) flow(kill killing) (string, error) {
	tr.t.Helper()
	return tr.assay(kill, "codeflow", "--suite", "humaneval+", "--backend", "replay:"+tr.rows, "--out", tr.dir,
		"--limit", strconv.Itoa(flowTasks), "--iterations", "5", "--concurrency", "3", "--workers", "2")
}

// questions counts, for each question, how often the log has an answer to it.
func (tr flowTrial) questions() map[[32]byte]int {
	tr.t.Helper()
	out := map[[32]byte]int{}
	_, err := journal.Read(filepath.Join(tr.dir, codeflow.LogName), func(l journal.Line) error {
		var x dispatch.Exchange
		if l.Record == nil || json.Unmarshal(l.Record, &x) != nil {
			return errors.New("a damaged line")
		}
		out[x.Request.Key()]++
		return nil
	})
	if err != nil {
		tr.t.Fatal(err)
	}
	return out
}

// recordedAnswers writes a replay file: for each task what the model wrote, and
// behind it the canonical solution.
func recordedAnswers(t *testing.T) string {
	t.Helper()
	data := datatest.Folder(t)
	suite, err := benchmarks.Open(t.Context(), "humaneval+", benchmarks.Options{DataDir: data})
	if err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	rows.Write(datatest.Unpack(t, filepath.Join(datatest.Samples(t, "humaneval"), "generated.jsonl.gz")))
	e := json.NewEncoder(&rows)
	for _, p := range suite.Problems {
		if err := e.Encode(map[string]string{"task_id": p.ID, "completion": p.Canonical}); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "rows.jsonl")
	if err := os.WriteFile(path, []byte(rows.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
