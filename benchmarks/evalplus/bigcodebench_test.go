package evalplus

import (
	"bytes"
	"os/exec"
	"testing"
)

// TestBigCodeBenchIsPythons holds both files against what Python's json.dump
// makes of the same content.
func TestBigCodeBenchIsPythons(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	var empty, results, scores, none bytes.Buffer
	full := BigCodeBench{Tasks: []BigCodeBenchTask{
		{ID: "BigCodeBench/0", Samples: []BigCodeBenchSample{
			{Solution: "def f():\n\treturn \"é\U0001f600\"", Status: Pass},
			{Solution: "x", Status: Fail, Details: []Detail{{"test_a", "Traceback\n"}, {"ALL", "\x00\\"}}},
		}},
		{ID: "BigCodeBench/1", Samples: []BigCodeBenchSample{{Status: None}}},
	}}
	passAtK := BigCodeBenchPassAtK{PassAtK: map[int]float64{10: 1, 1: 1.0 / 3}, Model: "m", Split: "instruct", Subset: "hard",
		Calibrated: true, GroundTruth: 0.92, Failed: []string{"BigCodeBench/3", "BigCodeBench/5"}}
	for _, err := range []error{
		(&BigCodeBench{}).Write(&empty), full.Write(&results),
		passAtK.Write(&scores), (&BigCodeBenchPassAtK{GroundTruth: -1}).Write(&none),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{empty.String(), results.String(), scores.String(), none.String()} {
		cmd := exec.Command(python, "-c", "import json, sys; json.dump(json.load(sys.stdin), sys.stdout, indent=2)")
		cmd.Stdin = bytes.NewReader([]byte(text))
		want, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if string(want) != text {
			t.Errorf("ours:\n%s\nPython's:\n%s", text, want)
		}
	}
}
