package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assay-dev/assay/benchmarks/peers"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/appendlog"
)

// verification of the run in a folder, as it lies there.
func verification(t *testing.T, cfg *setup, judge Judge) *Verification {
	t.Helper()
	stored, err := Load(t.Context(), cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	v, err := Verify(t.Context(), stored, VerifyConfig{Suite: cfg.suite, Judge: judge, Runtime: cfg.Runtime, Version: cfg.Version, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVerify(t *testing.T) {
	cfg, judge := config(t, 4, 2)
	cfg.K, cfg.Source = []int{2}, &peers.Source{Harness: peers.BigCode, Task: "mbpp"}
	mustRun(t, cfg)
	if v := verification(t, cfg, judge); !v.Whole || len(v.Differences)+len(v.Files)+len(v.Unchecked) != 0 || v.Samples != 8 {
		t.Errorf("untouched: %+v", v)
	}
	// Each change of a file is found, and told by the file's name.
	at := func(name string) string { return filepath.Join(cfg.Dir, name) }
	change := func(name, old, new string) func() error {
		return func() error {
			text := read(t, cfg.Dir, name)
			if !strings.Contains(text, old) {
				t.Errorf("%s does not hold %q", name, old)
			}
			return os.WriteFile(at(name), []byte(strings.Replace(text, old, new, 1)), 0o644)
		}
	}
	resealed := func(i int, old, new string) func() error {
		return func() error {
			lines := strings.SplitAfter(read(t, cfg.Dir, logName), "\n")
			record, ok := appendlog.Unseal([]byte(lines[i]))
			if !ok || !strings.Contains(string(record), old) {
				t.Errorf("%q is not in line %d of the log", old, i)
			}
			lines[i] = string(appendlog.Seal([]byte(strings.Replace(string(record), old, new, 1))))
			return os.WriteFile(at(logName), []byte(strings.Join(lines, "")), 0o644)
		}
	}
	for _, c := range []struct {
		name   string
		file   string
		forge  func() error
		record string // the record that differs
	}{
		{"a figure of a record", ResultsName, change(ResultsName, `"fuel":16`, `"fuel":15`), "T/1"},
		{"a score", summaryName, change(summaryName, `"value": 0`, `"value": 10`), ""},
		{"a count of verdicts", summaryName, change(summaryName, `"wrong_answer": `, `"wrong_answer": 1`), ""},
		{"a peer's file emptied", "eval_results.json", func() error { return os.WriteFile(at("eval_results.json"), nil, 0o644) }, ""},
		{"a peer's file longer", "evaluation_results.json", change("evaluation_results.json", "{", "{ "), ""},
		{"a file missing", "evaluation_results.json", func() error { return os.Remove(at("evaluation_results.json")) }, ""},
		{"a folder", "eval_results.json", func() error {
			return errors.Join(os.Remove(at("eval_results.json")), os.Mkdir(at("eval_results.json"), 0o700))
		}, ""},
		{"a file of another peer", "results_lm_eval.json", func() error { return os.WriteFile(at("results_lm_eval.json"), []byte("{}"), 0o644) }, ""},
		{"what a resumed run would take", logName, resealed(3, `"fuel":`, `"fuel":1`), ""},
		{"a log of another run", logName, resealed(0, `"work":"`, `"work":"0`), ""},
	} {
		before := map[string]string{}
		for _, name := range append(Files(cfg.Dir), logName) {
			before[name] = read(t, cfg.Dir, name)
		}
		if err := c.forge(); err != nil {
			t.Fatal(err)
		}
		v := verification(t, cfg, judge)
		if v.Whole || len(v.Files) == 0 || v.Files[0].Name != c.file {
			t.Errorf("%s: %+v", c.name, v)
		}
		if (c.record != "") != (len(v.Differences) == 1) || c.record != "" && v.Differences[0].TaskID != c.record {
			t.Errorf("%s: records %+v", c.name, v.Differences)
		}
		_ = os.Remove(at(c.file)) // or it was removed
		for name, text := range before {
			if err := os.WriteFile(at(name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	// What assay does not write is named, and is no difference.
	if err := errors.Join(os.WriteFile(at("notes.txt"), nil, 0o644), os.WriteFile(at("candidates/x.py"), nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	if v := verification(t, cfg, judge); !v.Whole || !slices.Equal(v.Unchecked, []string{"candidates (1 program that no record names)", "notes.txt"}) {
		t.Errorf("with other files: %+v", v)
	}
}

// What failed is judged again by the rule best where that takes another program;
// what came of it is counted, survives a resumed run, and is verified.
func TestWouldPassByBest(t *testing.T) {
	cfg, judge := config(t, 4, 2)
	for i := range cfg.samples {
		cfg.samples[i].Extract = "evalplus"
	}
	best := map[int]string{0: "wrong_answer of a pass", 2: "pass by best", 3: "no_result by best", 6: "pass"}
	for i, text := range best {
		cfg.samples[i].Best = text
	}
	ctx, cancel := context.WithCancel(t.Context())
	judge.onJudge = func(n int) {
		if n == 10 { // of eight samples, and three programs more
			cancel()
		}
	}
	var cut *Interrupted
	if _, err := cfg.run(ctx); !errors.As(err, &cut) {
		t.Fatalf("it was not interrupted: %v", err)
	}
	judge.onJudge = nil
	cfg.Mode = Resume
	s := mustRun(t, cfg)
	if s.Best == nil || *s.Best != (Best{Others: 3, Passes: 2}) || s.Asked.Extract != "evalplus" || s.Verdicts[harness.Pass] != 4 {
		t.Errorf("%+v of %+v, %v", s.Best, s.Asked, s.Verdicts)
	}
	if want := "2 samples failed with --extract evalplus and would pass with --extract best: see best.jsonl"; s.BestText() != want {
		t.Errorf("it says %q", s.BestText())
	}
	if n := len(judge.order); n > 12 || judge.judged[best[0]] > 0 { // the tenth was lost
		t.Errorf("judged were %v", judge.judged)
	}
	if v := verification(t, cfg, judge); !v.Whole || len(v.Unchecked) > 0 {
		t.Errorf("untouched: %+v", v)
	}
	text := read(t, cfg.Dir, bestName)
	if err := os.WriteFile(filepath.Join(cfg.Dir, bestName), []byte(strings.Replace(text, "no_result", "pass", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if v := verification(t, cfg, judge); v.Whole || v.Files[0].Name != bestName {
		t.Errorf("with a verdict of best changed: %+v", v)
	}
}

// A record of a task that the suite doesn't have is a difference.
func TestVerifyAnUnknownTask(t *testing.T) {
	cfg, judge := config(t, 2, 1)
	mustRun(t, cfg)
	text := read(t, cfg.Dir, ResultsName)
	first, _, _ := strings.Cut(text, "\n")
	forged := text + strings.Replace(first, `"task_id":"T/0"`, `"task_id":"T/none"`, 1) + "\n"
	if forged == text+first+"\n" {
		t.Fatalf("no task T/0 in %s", first)
	}
	if err := os.WriteFile(filepath.Join(cfg.Dir, ResultsName), []byte(forged), 0o644); err != nil {
		t.Fatal(err)
	}
	v := verification(t, cfg, judge)
	if v.Whole || len(v.Differences) != 1 || v.Differences[0].TaskID != "T/none" || v.Differences[0].Now != "" {
		t.Errorf("%+v", v)
	}
}

func TestVerifyRefusesAChangedCandidate(t *testing.T) {
	cfg, judge := config(t, 1, 1)
	mustRun(t, cfg)
	path := candidates(filepath.Join(cfg.Dir, candidatesName)).path(hashOf(cfg.samples[0].Solution))
	if err := os.WriteFile(path, []byte("pass"), 0o644); err != nil {
		t.Fatal(err)
	}
	stored, err := Load(t.Context(), cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Verify(t.Context(), stored, VerifyConfig{Suite: cfg.suite, Judge: judge, Runtime: cfg.Runtime})
	if err == nil || !strings.Contains(err.Error(), "was changed") {
		t.Errorf("error %v, want the changed program to be named", err)
	}
}
