package codeflow

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/runtimes"
)

// exampleTrace has every field.
func exampleTrace() Trace {
	right, input, hash := 2, 3, shaOf("")
	return Trace{
		Version: TraceVersion, TaskID: "T/1", Source: "tasks", Prompt: "Add <two> numbers & é.", Entry: "add", Runtime: "r",
		Overlap: &Overlap{Problem: "s S/1", Words: "a b c"},
		Asides:  []Aside{{Purpose: markTests, Request: hash, Answer: "{}", Finish: model.Other, Usage: model.Usage{Cost: 0.5}}},
		Steps: []Step{
			{Chosen: true, Request: hash, Answer: "a", Finish: model.Stop, Usage: model.Usage{PromptTokens: 1}, Program: "p", ProgramSHA256: hash,
				Tests: "t", Verdict: harness.WrongAnswer, Right: &right, Feedback: "f", Fuel: 7, Judged: hash,
				Failure: &harness.Failure{Set: "base", Input: &input, Args: "1", Expected: "2", Actual: "3", Detail: "d",
					Exception: &runtimes.ExceptionInfo{Type: "E", Message: "m", Line: 1, Traceback: "t"}}},
			{Iteration: 1, Chosen: true, Request: hash, Finish: model.Stop, Temperature: 0.5, ProgramSHA256: hash, Verdict: harness.Pass, HeldOut: harness.WrongAnswer},
			{Iteration: 1, Candidate: 1, Request: hash, Finish: model.Length, ProgramSHA256: hash, Verdict: NoProgram},
		},
		Outcome: Dropped, Reason: lowMarks,
		Quality: &Quality{Tests: 3, Trivial: "t", Flaky: "f", Marks: &Marks{Accuracy: 5, Effectiveness: 4, Reasonableness: 3}, Fuel: 9},
	}
}

func TestTracesAreReadBack(t *testing.T) {
	want := exampleTrace()
	line, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got []Trace
	err = readTraces("t.jsonl", strings.NewReader(string(line)+"\n\n"+string(line)+"\n"), func(tr *Trace) error {
		got = append(got, *tr)
		return nil
	}, func(err error) { t.Error(err) })
	if err != nil || !reflect.DeepEqual(got, []Trace{want, want}) {
		t.Errorf("got %+v, %v, want it twice: %+v", got, err, want)
	}
	if last := got[0].Last(); last.Iteration != 1 || last.Candidate != 0 {
		t.Errorf("the last step is %+v", last)
	}
}

// TestReadTracesRefuses: a line that is no trace is lost and told of, and those
// around it are read.
func TestReadTracesRefuses(t *testing.T) {
	sound, err := json.Marshal(exampleTrace())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ line, want string }{
		"no JSON":      {"{", "t.jsonl:2: it is no trace"},
		"no text":      {"\xff", "t.jsonl:2: byte 1 of the line is not valid UTF-8"},
		"two tasks":    {`{"version":1,"task_id":"T","outcome":"dropped","task_id":"T"}`, `t.jsonl:2: there are two members "task_id" in one object`},
		"a long line":  {`{"version":1` + strings.Repeat(" ", maxTrace), "t.jsonl:2: the line is longer than"},
		"another file": {`{"task_id":"T","solution":"x"}`, "a trace of version 0; this assay reads 1"},
		"a later one":  {`{"version":2,"steps":7}`, "a trace of version 2"},
		"no task":      {`{"version":1}`, `no "task_id"`},
		"no outcome":   {`{"version":1,"task_id":"T"}`, `outcome is ""`},
		"nothing":      {`{"version":1,"task_id":"T","outcome":"passed"}`, "no step of it was chosen"},
		"steps":        {`{"version":1,"task_id":"T","outcome":"dropped","steps":[` + strings.Repeat("{},", maxSteps) + `{}]}`, "at most 10000"},
	} {
		n := 0
		var lost []error
		file := string(sound) + "\n" + c.line + "\n" + string(sound)
		err := readTraces("t.jsonl", strings.NewReader(file), func(*Trace) error { n++; return nil }, func(err error) { lost = append(lost, err) })
		if err != nil || n != 2 || len(lost) != 1 || !strings.Contains(lost[0].Error(), c.want) {
			t.Errorf("%s: %d traces, %v, %v, want %s", name, n, lost, err, c.want)
		}
	}
}

func FuzzReadTraces(f *testing.F) {
	line, err := json.Marshal(exampleTrace())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(line))
	f.Add(`{"version":1,"task_id":"T","outcome":"dropped","steps":[{"right":-1}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		_ = readTraces("t.jsonl", strings.NewReader(text), func(tr *Trace) error {
			again, err := json.Marshal(tr)
			if err != nil {
				t.Fatal(err)
			}
			back, err := decodeTrace(again)
			if err != nil {
				t.Fatalf("%s: written as %s, and refused: %v", text, again, err)
			}
			if once, err := json.Marshal(back); err != nil || string(once) != string(again) {
				t.Errorf("%s: written as %s, and read again as %s, %v", text, again, once, err)
			}
			return nil
		}, func(error) {})
	})
}
