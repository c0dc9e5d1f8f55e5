package peers

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/benchmarks"
)

// TestBigCodeBenchIsPythons holds both files against what Python's json.dump
// makes of the same content.
func TestBigCodeBenchIsPythons(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	problem := func(id string) *benchmarks.Problem { return &benchmarks.Problem{ID: id} }
	full := &Run{
		Suite: &benchmarks.Suite{Name: "bigcodebench-hard"}, Strictest: "base", PassAtK: map[string]map[int]float64{"base": {10: 1, 1: 1.0 / 3}},
		BigCodeBench: &BigCodeBench{Samples: "m", Split: "instruct", Calibrated: true}, Runnable: map[string]bool{"BigCodeBench/0": true},
		Tasks: []Task{
			{Problem: problem("BigCodeBench/0"), Samples: []*Sample{
				{Solution: "def f():\n\treturn \"é\U0001f600\"", Verdict: Pass},
				{Solution: "x", Verdict: WrongAnswer, Failed: []TestFailure{{"test_a", &Exception{Type: "E"}}, {"ALL", &Exception{Type: "\x00\\"}}}},
			}},
			{Problem: problem("BigCodeBench/1"), Samples: []*Sample{{Verdict: InfraError}}},
		},
	}
	none := &Run{Suite: &benchmarks.Suite{Name: "bigcodebench"}, BigCodeBench: &BigCodeBench{}}
	for _, r := range []*Run{full, none} {
		for _, f := range bigCodeBenchFiles {
			var out bytes.Buffer
			if err := f.write(r, &out); err != nil {
				t.Fatal(err)
			}
			text := out.Bytes()
			cmd := exec.Command(python, "-c", "import json, sys; json.dump(json.load(sys.stdin), sys.stdout, indent=2)")
			cmd.Stdin = strings.NewReader(string(text))
			want, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if string(want) != string(text) {
				t.Errorf("ours:\n%s\nPython's:\n%s", text, want)
			}
		}
	}
}

func TestDetails(t *testing.T) {
	raised := func(message string) *Exception {
		return &Exception{Type: "E", Message: message, Traceback: "  File \"__test__.py\", line 1, in f\n"}
	}
	trace := func(message string) string {
		return "Traceback (most recent call last):\n  File \"__test__.py\", line 1, in f\nE: " + message + "\n"
	}
	for name, c := range map[string]struct {
		sample Sample
		want   []detail
	}{
		"pass": {Sample{Verdict: Pass}, nil},
		"two tests, one of them twice": {Sample{Verdict: WrongAnswer, Failure: &Failure{}, Failed: []TestFailure{
			{"a", raised("1")}, {"b", raised("2")}, {"a", raised("3")},
		}}, []detail{{"a", trace("3")}, {"b", trace("2")}}},
		"at import":   {Sample{Verdict: "exception", Failure: &Failure{Exception: raised("no module")}}, []detail{{"ALL", "no module"}}},
		"out of fuel": {Sample{Verdict: OutOfFuel, Failure: &Failure{Detail: "spent"}}, []detail{{"ALL", "spent"}}},
		"left early":  {Sample{Verdict: NoResult, Failure: &Failure{Detail: "there is no record of b"}}, []detail{{"ALL", "there is no record of b"}}},
	} {
		if diff := cmp.Diff(c.want, details(&c.sample), cmp.AllowUnexported(detail{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestCalibrate(t *testing.T) {
	s := tiny()
	s.Problems[0].Calibration = "def f():\n\n    pass\n"
	samples := []benchmarks.Sample{
		{TaskID: "HumanEval/0", Solution: "a", Origin: "f:1"}, {TaskID: "HumanEval/0", Solution: "b", Origin: benchmarks.CanonicalSamples},
		{TaskID: "HumanEval/1", Solution: "c"}, // of which the suite says nothing
	}
	for i, want := range []string{"def f():\n\n    pass\na", "b", "c"} {
		Calibrate(&samples[i], s.Problems[min(i, 2)/2])
		if got := samples[i].Solution; got != want {
			t.Errorf("sample %d: %q, want %q", i, got, want)
		}
	}
	p := openShared(t, "bigcodebench").Problems[0]
	shared := benchmarks.Sample{TaskID: p.ID, Solution: "a", Best: "b"}
	if Calibrate(&shared, p); !strings.HasSuffix(shared.Solution, "\n    pass\na") || !strings.HasSuffix(shared.Best, "\n    pass\nb") {
		t.Errorf("BigCodeBench's: %+v", shared)
	}
}
