package benchmarks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// lines parses rows; an unknown field is an error.
func lines[T any](t *testing.T, text []byte) []T {
	t.Helper()
	var all []T
	for i, line := range bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) {
		var row T
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&row); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		all = append(all, row)
	}
	return all
}

type problem struct {
	TaskID     string              `json:"task_id"`
	Prompt     string              `json:"prompt"`
	EntryPoint string              `json:"entry_point"`
	Canonical  string              `json:"canonical_solution"`
	Test       string              `json:"test"`
	Contract   string              `json:"contract"`
	Base       [][]json.RawMessage `json:"base_input"`
	Plus       [][]json.RawMessage `json:"plus_input"`
	Atol       float64             `json:"atol"`
}

type sample struct {
	TaskID     string  `json:"task_id"`
	Completion *string `json:"completion"`
	Solution   *string `json:"solution"`
}

type verdict struct {
	TaskID  string `json:"task_id"`
	Sample  int    `json:"sample"`
	Verdict string `json:"verdict"`
	Base    string `json:"base"`
	Plus    string `json:"plus"`
	About   string `json:"about"`
}

func TestProblems(t *testing.T) {
	problems := lines[problem](t, starterProblems)
	if len(problems) != 24 {
		t.Errorf("%d problems, want two dozen", len(problems))
	}
	for i, p := range problems {
		if want := fmt.Sprintf("Starter/%d", i); p.TaskID != want {
			t.Errorf("problem %d is %q, want %q", i, p.TaskID, want)
		}
		if len(p.Base) < 2 || len(p.Plus) <= len(p.Base) {
			t.Errorf("%s has %d base and %d plus inputs", p.TaskID, len(p.Base), len(p.Plus))
		}
	}
}

func TestEveryTaskHasSamples(t *testing.T) {
	rows, err := os.ReadFile("starter/verdicts.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	samples, verdicts := lines[sample](t, starterSamples), lines[verdict](t, rows)
	if len(samples) != len(verdicts) {
		t.Fatalf("%d samples and %d verdicts", len(samples), len(verdicts))
	}
	next, passed, onlyBase := map[string]int{}, map[string]int{}, map[string]int{}
	for i, v := range verdicts {
		if samples[i].TaskID != v.TaskID || (samples[i].Completion == nil) == (samples[i].Solution == nil) {
			t.Errorf("row %d: the sample is %+v, the verdict for %s", i+1, samples[i], v.TaskID)
		}
		if v.Sample != next[v.TaskID] {
			t.Errorf("row %d: sample %d of %s, want %d", i+1, v.Sample, v.TaskID, next[v.TaskID])
		}
		next[v.TaskID]++
		switch {
		case v.Verdict == "pass":
			passed[v.TaskID]++
		case v.Base == "pass":
			onlyBase[v.TaskID]++
		}
	}
	for _, p := range lines[problem](t, starterProblems) {
		if passed[p.TaskID] == 0 || onlyBase[p.TaskID] == 0 || next[p.TaskID] < 3 {
			t.Errorf("%s: %d samples, %d pass, %d pass base only", p.TaskID, next[p.TaskID], passed[p.TaskID], onlyBase[p.TaskID])
		}
	}
}

func TestNatively(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on this machine to run the samples with")
	}
	out, err := exec.Command(python, "-I", "testdata/native.py").CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
