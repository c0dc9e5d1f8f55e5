package codeflow

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
)

func TestReadTasks(t *testing.T) {
	tasks, err := readTasks("t.jsonl", strings.NewReader(`{"task_id":"a","task":" Add. ","more":1}

{"snippet":"def f(): pass","concepts":["heaps","sorting"]}
`))
	if err != nil || len(tasks) != 2 {
		t.Fatal(tasks, err)
	}
	if a, b := tasks[0], tasks[1]; a.ID != "a" || a.ready.prompt != "Add." || b.ID != "Task/1" || b.ready.prompt != "" ||
		!strings.Contains(b.written.inspiration(), "Concepts: heaps, sorting\n\nCode:\n```\ndef f(): pass\n```\n") {
		t.Errorf("got %+v, %+v", a.written, b.written)
	}
	for _, tt := range []struct{ text, want string }{
		{"", "t.jsonl has no tasks in it"},
		{"{", "t.jsonl:1: it is no task"},
		{`{"task_id":"a"}`, `t.jsonl:1: the line has neither a "task" nor`},
		{`{"task_id":"","task":"x"}`, `"task_id" is empty`},
		{`{"task":"x"}` + "\n" + `{"task_id":"Task/0","task":"y"}`, "t.jsonl:2: task \"Task/0\" is there already, in line 1"},
		{`{"task":"` + strings.Repeat("x", maxTask+1) + `"}`, "at most 16384"},
		{`{"snippet":"` + strings.Repeat("x", maxTaskLine) + `"}`, "t.jsonl:1: "},
	} {
		if _, err := readTasks("t.jsonl", strings.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.40s: got %v, want %s", tt.text, err, tt.want)
		}
	}
}

func TestBetween(t *testing.T) {
	for _, tt := range []struct {
		text, want string
		ok         bool
	}{
		{"Sure.\n<task>\nDo <b>it</b>.\n</task>\nEnjoy.", "Do <b>it</b>.", true},
		{"<task> </task>", "", false},
		{"<task>a</task><task>b</task>", "a", false},
		{"<task>a", "a", false},
		{"<task>a<task>b</task>", "a<task>b", false},
		{"<task>a</task> and </task>", "a", false},
		{"a", "", false},
	} {
		if got, ok := between(tt.text, "<task>", "</task>"); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%q: got %q, %v", tt.text, got, ok)
		}
	}
}

func TestReadMarks(t *testing.T) {
	good := Marks{Accuracy: 5, Effectiveness: 1, Reasonableness: 3}
	for _, tt := range []struct {
		answer string
		ok     bool
	}{
		{` {"accuracy": 5, "effectiveness": 1, "reasonableness": 3} `, true},
		{"```json\n{\"accuracy\": 5, \"effectiveness\": 1, \"reasonableness\": 3}\n```", true},
		{"Here:\n```json\n{\"accuracy\": 5, \"effectiveness\": 1, \"reasonableness\": 3}\n```", false},
		{`{"accuracy": 5, "effectiveness": 1}`, false},
		{`{"accuracy": 6, "effectiveness": 1, "reasonableness": 3}`, false},
		{`{"accuracy": 4.5, "effectiveness": 1, "reasonableness": 3}`, false},
		{`{"accuracy": 5, "effectiveness": 1, "reasonableness": 3, "overall": 5}`, false},
		{`{"accuracy": 5, "effectiveness": 1, "reasonableness": 3} I think`, false},
		{`5, 1, 3`, false},
	} {
		m, err := readMarks(tt.answer)
		if (err == nil) != tt.ok || err == nil && *m != good {
			t.Errorf("%s: got %+v, %v", tt.answer, m, err)
		}
	}
}

func TestOverlaps(t *testing.T) {
	o, err := NewOverlaps(10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewOverlaps(5); err == nil {
		t.Error("five words in a row are enough")
	}
	o.Add(&benchmarks.Suite{Name: "s", Problems: []*benchmarks.Problem{
		{ID: "S/1", Prompt: "def f(x):\n    \"\"\"Return the sum of all even numbers that the list has.\n    >>> f([1, 2])\n    2\n    \"\"\""},
		{ID: "S/2", Prompt: "Write a function to reverse words."},
		{ID: "S/3", Prompt: "Reverse it."},
		{ID: "S/4", Prompt: "Again: return the sum of all even numbers that the list has, twice."},
	}})
	for _, tt := range []struct{ text, want string }{
		{"Please RETURN the sum-of all even numbers,\nthat a list has.", ""},
		{"Please RETURN the sum-of all even numbers,\nthat the list has.", "s S/1: return the sum of all even numbers that the list"},
		{"the list has, twice? sum of all even numbers that the list has twice", "s S/4: sum of all even numbers that the list has twice"},
		{"Today: write a function to reverse words in a text.", "s S/2: write a function to reverse words"},
		{"Reverse it.", ""},
		{"", ""},
	} {
		got := ""
		if found := o.find(tt.text); found != nil {
			got = found.Problem + ": " + found.Words
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.text, got, tt.want)
		}
	}
	if (*Overlaps)(nil).find("x") != nil {
		t.Error("nobody looks, and finds something")
	}
}
