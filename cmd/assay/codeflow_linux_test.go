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

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/appendlog"
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/testkit"
)

// TestCodeflowKilled is the loop with recorded answers. It ends with the same
// bytes, also when it is killed at random moments and goes on, and nothing that
// was answered is asked for again.
func TestCodeflowKilled(t *testing.T) {
	shared, err := cache.DefaultRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := installPython(shared); err != nil {
		t.Skip("the Python runtime can't be had: ", err)
	}
	t.Run("suite", func(t *testing.T) { // what Qwen2.5-Coder-7B wrote for HumanEval+, and then the canonical solution
		whole := killedFlow(t, shared, "--suite", "humaneval+", "--backend", "replay:"+recordedAnswers(t), "--limit", strconv.Itoa(flowTasks))
		passed := map[int]int{}
		for _, tr := range whole {
			if tr.Outcome == codeflow.Passed {
				passed[tr.Last().Iteration]++
			}
		}
		if passed[0] == 0 || passed[1] == 0 || passed[0]+passed[1] != flowTasks {
			t.Errorf("%v traces passed at each iteration, want some at both and %d in all", passed, flowTasks)
		}
	})
	t.Run("written", func(t *testing.T) { // the tasks and answers of codeflow_tasks.txtar
		tasks, rows := writtenTasks(t)
		whole := killedFlow(t, shared, "--tasks", tasks, "--backend", "replay:"+rows, "--against", "starter", "--least", "lines=0.9,marks=3", "--partial") // not all have six answers
		asides := 0
		for _, tr := range whole {
			asides += len(tr.Asides)
		}
		if len(whole) < 5 || asides < 3 {
			t.Errorf("%d traces with %d asides: the trials try little", len(whole), asides)
		}
	})
}

// killedFlow runs codeflow whole and killed, and gives the traces of the whole one.
func killedFlow(t *testing.T, shared string, args ...string) []*codeflow.Trace {
	t.Helper()
	start := time.Now()
	whole := newFlow(t, 0, shared, args)
	if said, err := whole.flow(nil); err != nil {
		t.Fatal(err, said)
	}
	took := time.Since(start)
	resumed := 0
	for n := range trials(t) {
		tr := newFlow(t, 1+n, shared, args)
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
	var traces []*codeflow.Trace
	if err := codeflow.ReadTraces(t.Context(), whole.dir, func(tr *codeflow.Trace) error {
		traces = append(traces, tr)
		return nil
	}, func(err error) { t.Error(err) }); err != nil {
		t.Fatal(err)
	}
	return traces
}

// flowTasks is how many tasks a trial has: the first ones, of which three
// are wrong at first.
const flowTasks = 12

// flowTrial is one run of codeflow, with verdicts of its own.
type flowTrial struct {
	trial
	args []string
}

func newFlow(t *testing.T, n int, shared string, args []string) flowTrial {
	t.Helper()
	own := t.TempDir()
	if err := shareCache(own, shared, cache.Expected); err != nil {
		t.Fatal(err)
	}
	return flowTrial{trial{
		t: t, dir: t.TempDir(), random: rand.New(rand.NewPCG(11, uint64(n))),
		env: []string{"ASSAY_CACHE=" + own, "ASSAY_DATA=" + testkit.Data(t)},
	}, args}
}

func (tr flowTrial) flow(kill killing) (string, error) {
	tr.t.Helper()
	return tr.assay(kill, append([]string{"codeflow", "--out", tr.dir, "--iterations", "5", "--concurrency", "3", "--workers", "2"}, tr.args...)...)
}

// questions counts, for each question, how often the log has an answer to it.
func (tr flowTrial) questions() map[[32]byte]int {
	tr.t.Helper()
	out := map[[32]byte]int{}
	_, err := appendlog.Read(filepath.Join(tr.dir, codeflow.LogName), func(l appendlog.Line) error {
		var x model.Exchange
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

// writtenTasks unpacks the tasks and the answers of a script.
func writtenTasks(t *testing.T) (tasks, rows string) {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", "script", "codeflow_tasks.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range archive.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "tasks.jsonl"), filepath.Join(dir, "rows.jsonl")
}

// recordedAnswers writes a replay file: for each task what the model wrote, and
// behind it the canonical solution.
func recordedAnswers(t *testing.T) string {
	t.Helper()
	data := testkit.Data(t)
	suite, err := benchmarks.Open(t.Context(), "humaneval+", benchmarks.Options{DataDir: data})
	if err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	rows.Write(testkit.Unpack(t, filepath.Join(testkit.Samples(t, "humaneval"), "generated.jsonl.gz")))
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
