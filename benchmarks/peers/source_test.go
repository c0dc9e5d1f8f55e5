package peers

import (
	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/testkit"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// response is a row as lm-evaluation-harness logs it.
func response(doc, resps, more string) string {
	return `{"doc_id": 0, "doc": ` + doc + `, "target": "assert f()", "arguments": [["def f():\n", {"until": ["\n"]}]], "resps": [["x"]], "filtered_resps": ` + resps + more + `}`
}

func TestSamplesOfPeers(t *testing.T) {
	const created = `, "filter": "create_test", "metrics": ["pass@1", "pass@10", "acc"], "pass@1": 0.0`
	for _, c := range []struct {
		what, name, content string
		want                []string
		peer                *Source
	}{
		{"lm-eval, a list of programs", "samples_humaneval_64_2026-01-02T03-04-05.678901.jsonl", response(`{"task_id": "HumanEval/0", "prompt": "p"}`, `[["x", "y"]]`, created) + "\n" + response(`{"task_id": "HumanEval/1"}`, `[["z"]]`, created),
			[]string{`HumanEval/0#0 "x"`, `HumanEval/0#1 "y"`, `HumanEval/1#0 "z"`}, &Source{LMEval, "humaneval_64", "create_test", []string{"pass@1", "pass@10", "acc"}}},
		{"lm-eval, a program", "s.jsonl", response(`{"task_id": 2}`, `["x"]`, `, "metrics": ["pass_at_1"]`), []string{`Mbpp/2#0 "x"`}, &Source{LMEval, "tiny", "none", []string{"pass_at_1"}}},
		{"bigcode", "generations_humaneval-unstripped.json", ` [["x", "y"], ["z"], [""]]`, []string{`HumanEval/0#0 "x"`, `HumanEval/0#1 "y"`, `HumanEval/1#0 "z"`, `Mbpp/2#0 ""`}, &Source{Harness: BigCode, Task: "humaneval-unstripped"}},
		{"LiveCodeBench's", "s.json", "\n[\n{\"question_id\": \"HumanEval/1\", \"output_list\": [\"a\"],\n\"code_list\": [\"x\"]}]", []string{`HumanEval/1#0 "x"`}, nil},
		{"evalplus's", "s.jsonl", `{"task_id": "HumanEval/0", "doc": {}, "filtered_resps": [], "solution": "x"}`, []string{`HumanEval/0#0 "x"`}, nil},
	} {
		for _, content := range []string{c.content, testkit.Pack(t, c.content)} {
			path := testkit.File(t, c.name, content)
			read, err := Read(t.Context(), path, tiny())
			if err != nil {
				t.Errorf("%s: %v", c.what, err)
				continue
			}
			var got []string
			for _, s := range read.All {
				got = append(got, shown(s))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: got %v, want %v", c.what, got, c.want)
			}
			if diff := cmp.Diff(c.peer, read.Source); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.what, diff)
			}
		}
	}
	ks := metricKs([]string{"pass@1", "pass@10", "pass_at_1", "acc", "pass@x", "pass@0"})
	if !maps.Equal(ks, map[string]int{"pass@1": 1, "pass@10": 10, "pass_at_1": 1}) {
		t.Errorf("the k are %v", ks)
	}
}

// The test split of MBPP is what the harnesses know as MBPP.
func TestGenerationsOfMBPP(t *testing.T) {
	s := &benchmarks.Suite{Name: "mbpp"}
	for n := range 974 {
		s.Problems = append(s.Problems, &benchmarks.Problem{ID: "Mbpp/" + string(rune('0'+n%10)) + strings.Repeat("x", n)})
	}
	rows := "[" + strings.Repeat(`["x"],`, 499) + `["last"]]`
	samples, _, err := readAll(testkit.File(t, "g.json", rows), s)
	if err != nil || len(samples) != 500 || samples[0].TaskID != s.Problems[10].ID || samples[499].TaskID != s.Problems[509].ID || samples[499].Solution != "last" {
		t.Errorf("%d samples, %v", len(samples), err)
	}
}

func TestSamplesOfPeersRefused(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{response(`{}`, `["x"]`, ""), `s.jsonl:1: field "doc": it has no "task_id"`},
		{response(`[]`, `["x"]`, ""), `s.jsonl:1: field "doc": want an object`},
		{response(`{"task_id": "HumanEval/9"}`, `["x"]`, ""), `s.jsonl:1: tiny has no task "HumanEval/9"`},
		{response(`{"task_id": "HumanEval/0"}`, `"x"`, ""), `s.jsonl:1: field "filtered_resps": want a list`},
		{response(`{"task_id": "HumanEval/0"}`, `[1]`, ""), `s.jsonl:1: field "filtered_resps": want texts, have 1 in it`},
		{response(`{"task_id": "HumanEval/0"}`, `[[1]]`, ""), `s.jsonl:1: want a list of programs, have 1 in it`},
		{response(`{"task_id": "HumanEval/0"}`, `["x"]`, `, "filter": "a"`) + "\n" + response(`{"task_id": "HumanEval/0"}`, `["x"]`, `, "filter": "b"`), `s.jsonl:2: the row is what the filter "b" made, and others are what "a" made`},
		{`[["x"], ["y"]]`, "s.jsonl: 2 lists of programs, in the order of 3 problems of tiny: there has to be one for each"},
		{"[[\"x\"], [\"y\"],\n[1]]", `s.jsonl:2: want a list of programs, have 1 in it`},
		{"[\n1]", `s.jsonl:2: want an object or a list of programs, have 1`},
		{"[\n{\"task_id\": \"HumanEval/0\"}]", `s.jsonl:2: an item of an array has "question_id" and "code_list"`},
		{`[{"question_id": "HumanEval/0", "code_list": "x"}]`, `s.jsonl:1: field "code_list": want a list of programs`},
		{`[{"question_id": "HumanEval/0", "code_list": ["x"]}`, "s.jsonl: the JSON ends early"},
		{"[]", "no samples in it"},
	} {
		path := testkit.File(t, "s.jsonl", c.content)
		_, _, err := readAll(path, tiny())
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), filepath.Base(path)) {
			t.Errorf("%s: got %v, want %q", c.content, err, c.want)
		}
	}
}
