package benchmarks

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/internal/testkit"
)

// TestDisputedTasksExist holds each row of the table to the suites that it names,
// where the data is there: of LiveCodeBench that is its first version, whose
// rows have no other tests than the public ones.
func TestDisputedTasksExist(t *testing.T) {
	dir := testkit.Data(t)
	loaded := map[string]*Suite{}
	open := func(spec string) *Suite {
		if loaded[spec] == nil {
			o := Options{DataDir: dir}
			if spec == LiveCodeBench {
				o = Options{DataFile: filepath.Join(dir, "livecodebench", "lcb-v1-public-tests.jsonl.gz")}
			}
			s, err := Open(context.Background(), spec, o)
			if err != nil {
				t.Fatal(err)
			}
			loaded[spec] = s
		}
		return loaded[spec]
	}
	// Set after March 2024, where the first version ends.
	later := []string{"abc350_c", "abc355_e", "abc362_c", "arc185_c", "arc189_a", "generate-binary-strings-without-adjacent-zeros", "most-frequent-ids"}
	for _, d := range disputes {
		for _, spec := range d.suites {
			s := open(spec)
			there := slices.ContainsFunc(s.Problems, func(p *Problem) bool { return p.ID == d.Task || p.Contest.Title == d.Task })
			if there == (spec == LiveCodeBench && slices.Contains(later, d.Task)) {
				t.Errorf("%s is in %s: %v", d.Task, spec, there)
			}
			if _, named := s.Disputed()[d.Task]; there && !named && s.Name != LiveCodeBench {
				t.Errorf("%s doesn't name %s", spec, d.Task)
			}
		}
		if !strings.HasPrefix(d.Thread, "https://") || !strings.HasSuffix(d.About, ".") {
			t.Errorf("%s: %q, %q", d.Task, d.About, d.Thread)
		}
	}
	if d := open(LiveCodeBench).Disputed()["3308"]; d.Task != "3308" || d.What != "tests" {
		t.Errorf("by its title: %+v", d)
	}
}

func TestDisputed(t *testing.T) {
	ids := func(spec string) (out []string) {
		i, err := Lookup(spec)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range i.Disputed() {
			out = append(out, d.Task)
		}
		return out
	}
	for spec, want := range map[string]struct {
		n          int
		has, lacks string
	}{
		"starter":           {0, "", "HumanEval/32"},
		"humaneval":         {6, "HumanEval/32", "HumanEval/99"},
		"humaneval+":        {9, "HumanEval/99", "HumanEval/1"},
		"humaneval+@v0.1.9": {11, "HumanEval/1", "Mbpp/143"},
		"mbpp":              {21, "Mbpp/143", "Mbpp/287"},
		"mbpp@test":         {21, "Mbpp/143", "Mbpp/287"},
		"mbpp-sanitized":    {21, "Mbpp/164", "Mbpp/287"},
		"mbpp+":             {4, "Mbpp/287", "Mbpp/229"},
		"mbpp+@v0.1.0":      {25, "Mbpp/229", "HumanEval/32"},
		"bigcodebench":      {7, "BigCodeBench/541", "BigCodeBench/0"},
		"bigcodebench-hard": {3, "BigCodeBench/101", "BigCodeBench/541"},
		"livecodebench":     {17, "arc189_a", "abc301_a"},
	} {
		got := ids(spec)
		if len(got) != want.n || want.has != "" && !slices.Contains(got, want.has) || slices.Contains(got, want.lacks) {
			t.Errorf("%s: %d tasks: %v", spec, len(got), got)
		}
	}
	for i, d := range disputes {
		for _, e := range disputes[:i] {
			if d.Task == e.Task {
				t.Errorf("%s has two rows", d.Task)
			}
		}
	}
	const head = "task\tsuites\twhat\tabout\tthread\n"
	for table, want := range map[string]string{
		"task\n":                           `disputed.tsv:1: the columns are "task"`,
		head + "a\tb\ttests\tc\td\na\tb\n": "disputed.tsv:3: want a task",
		head + "a\tb\tweather\tc\td\n":     "disputed.tsv:2: want a task",
		head + "a\tb\ttests\t\td\n":        "disputed.tsv:2: want a task",
	} {
		if _, err := parseDisputes(table); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", table, err)
		}
	}
	all, err := parseDisputes(head + "a\tb c@1\ttests\tIt is wrong.\thttps://d\n")
	want := []Dispute{{Task: "a", What: "tests", About: "It is wrong.", Thread: "https://d", suites: []string{"b", "c@1"}}}
	if diff := cmp.Diff(want, all, cmp.AllowUnexported(Dispute{})); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}
