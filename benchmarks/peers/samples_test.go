package peers

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/testkit"
)

// tiny is a suite of three problems.
func tiny() *benchmarks.Suite {
	s := &benchmarks.Suite{Name: "tiny"}
	for _, id := range []string{"HumanEval/0", "HumanEval/1", "Mbpp/2"} {
		s.Problems = append(s.Problems, &benchmarks.Problem{ID: id, Prompt: "def f():\n", Canonical: "def f():\n    pass\n"})
	}
	return s
}

// shown is a sample in one line, without its origin.
func shown(s benchmarks.Sample) string { return fmt.Sprintf("%s#%d %q", s.TaskID, s.Index, s.Solution) }

// readAll gives what Read does, one by one.
func readAll(path string, s *benchmarks.Suite) ([]benchmarks.Sample, []string, error) {
	read, err := Read(context.Background(), path, s)
	if err != nil {
		return nil, nil, err
	}
	return read.All, read.Warnings, nil
}

// openShared opens a suite among the data sets that tests find.
func openShared(t *testing.T, spec string) *benchmarks.Suite {
	t.Helper()
	s, err := benchmarks.Open(t.Context(), spec, benchmarks.Options{DataDir: testkit.Data(t)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReadSamples(t *testing.T) {
	for _, tt := range []struct {
		name, content string
		want          []string
	}{
		{"solutions", `{"task_id":"HumanEval/0","solution":"x"}`, []string{`HumanEval/0#0 "x"`}},
		{"completions", `{"task_id":"HumanEval/0","completion":"    x"}`, []string{`HumanEval/0#0 "def f():\n    x"`}},
		{"a solution goes first", `{"completion":"c","task_id":"HumanEval/0","solution":"x"}`, []string{`HumanEval/0#0 "x"`}},
		{"several of a task", `{"task_id":"HumanEval/0","solution":"x"}
{"task_id":"HumanEval/1","solution":"y"}

{"task_id":"HumanEval/0","solution":"z"}`, []string{`HumanEval/0#0 "x"`, `HumanEval/1#0 "y"`, `HumanEval/0#1 "z"`}},
		{"numbers of their own", `{"task_id":"HumanEval/0","solution":"x","sample":5}
{"task_id":"HumanEval/0","solution":"z","sample":1}`, []string{`HumanEval/0#5 "x"`, `HumanEval/0#1 "z"`}},
		{"ids of MBPP", `{"task_id":2,"solution":"x"}
{"task_id":"2","solution":"x"}`, []string{`Mbpp/2#0 "x"`, `Mbpp/2#1 "x"`}},
		{"what JSON of Python may have", `{"task_id":"HumanEval/0","solution":"\ud800","logprob":-Infinity}`, []string{"HumanEval/0#0 \"\\xed\\xa0\\x80\""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, content := range []string{tt.content, testkit.Pack(t, tt.content)} {
				samples, warnings, err := readAll(testkit.File(t, "s.jsonl", content), tiny())
				if err != nil || len(warnings) > 0 {
					t.Fatal(err, warnings)
				}
				var got []string
				for _, s := range samples {
					got = append(got, shown(s))
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			}
		})
	}
}

func TestReadSamplesRefuses(t *testing.T) {
	const ok = `{"task_id":"HumanEval/0","solution":"x"}` + "\n"
	for _, tt := range []struct{ name, content, want string }{
		{"an empty file", "", "FILE: no samples in it"},
		{"a malformed line", ok + `{"task_id":`, "FILE:2: offset 11: no value: not JSON"},
		{"a line that is no object", ok + "[1]", "FILE:2: want an object, have [1]"},
		{"no task", ok + `{"solution":"x"}`, `FILE:2: field "task_id" is missing`},
		{"a task of another type", ok + `{"task_id":[],"solution":"x"}`, `FILE:2: field "task_id": want a string, have []`},
		{"an unknown task", ok + `{"task_id":"HumanEval/7","solution":"x"}`, `FILE:2: tiny has no task "HumanEval/7" (its ids look like "HumanEval/0")`},
		{"nothing to run", ok + `{"task_id":"HumanEval/0"}`, `FILE:2: the row has neither "solution" nor "completion"`},
		{"a list of solutions", ok + `{"task_id":"HumanEval/0","solution":["x"]}`, `FILE:2: field "solution": want a string, have ['x'] (for several samples of a task, repeat its row)`},
		{"a null", ok + `{"task_id":"HumanEval/0","completion":null}`, `FILE:2: field "completion": want a string, have None (for several samples of a task, repeat its row)`},
		{"a number twice", `{"task_id":"HumanEval/0","solution":"x","sample":1}` + "\n" + `{"task_id":"HumanEval/0","solution":"y","sample":1}`, "FILE:2: sample 1 of HumanEval/0 is there already, at FILE:1"},
		{"a number that is none", `{"task_id":"HumanEval/0","solution":"x","sample":-1}`, `FILE:1: field "sample": want an index from 0, have -1`},
		{"numbers now and then", ok + `{"task_id":"HumanEval/0","solution":"x","sample":1}`, `FILE:2: either all samples of HumanEval/0 have a field "sample" or none: not so here and at FILE:1`},
		{"bytes that are no UTF-8", ok + "\xff", "FILE:2: byte 1 of the line is not valid UTF-8"},
		{"a cut gzip file", testkit.Pack(t, ok)[:20], "FILE:1: damaged gzip data: it ends early"},
		{"a huge solution", `{"task_id":"HumanEval/0","solution":"` + strings.Repeat("x", maxSolution+1) + `"}`, "FILE:1: the solution has 16777217 bytes, at most 16777216"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := testkit.File(t, "s.jsonl", tt.content)
			_, _, err := readAll(path, tiny())
			testkit.Error(t, err, path, tt.want)
		})
	}
	_, _, err := readAll(filepath.Join(t.TempDir(), "absent"), tiny())
	if err == nil || !strings.HasPrefix(err.Error(), "read samples: ") {
		t.Errorf("got %v", err)
	}
}

// tree writes files below a folder.
func tree(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestReadSamplesFolder(t *testing.T) {
	root := tree(t, "HumanEval_0/10.py", "HumanEval_0/2.py", "HumanEval_0/notes.txt", "Mbpp_2/0.py", "eval_results.json")
	samples, _, err := readAll(root, tiny())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range samples {
		got = append(got, shown(s))
	}
	want := []string{`HumanEval/0#2 "HumanEval_0/2.py"`, `HumanEval/0#10 "HumanEval_0/10.py"`, `Mbpp/2#0 "Mbpp_2/0.py"`}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestReadSamplesFolderRefuses(t *testing.T) {
	for _, tt := range []struct{ file, want string }{
		{"HumanEval_9/0.py", `FILE/HumanEval_9: tiny has no task "HumanEval/9" (its ids look like "HumanEval/0")`},
		{"HumanEval_0/first.py", "FILE/HumanEval_0/first.py: the file of a sample is named for its index, like 0.py"},
		{"results.json", "FILE: no samples in it"},
	} {
		root := tree(t, tt.file)
		_, _, err := readAll(root, tiny())
		testkit.Error(t, err, root, filepath.FromSlash(tt.want))
	}
	root := tree(t, "HumanEval_0/0.py", "HumanEval_0/00.py")
	_, _, err := readAll(root, tiny())
	testkit.Error(t, err, root, filepath.FromSlash("FILE/HumanEval_0/00.py: sample 0 of HumanEval/0 is there already, at FILE/HumanEval_0/0.py"))
}

func TestReadSamplesCanonical(t *testing.T) {
	samples, _, err := readAll(benchmarks.CanonicalSamples, tiny())
	if err != nil || len(samples) != 3 || samples[2].Solution != "def f():\n    pass\n" {
		t.Errorf("got %v, %v", samples, err)
	}
}

// TestReadSamplesExamples: the samples of starter are in the program, one of
// them fenced on purpose.
func TestReadSamplesExamples(t *testing.T) {
	s, err := benchmarks.Open(t.Context(), "starter", benchmarks.Options{})
	if err != nil {
		t.Fatal(err)
	}
	samples, warnings, err := readAll(benchmarks.ExampleSamples, s)
	if err != nil || len(warnings) != 1 || len(samples) < 3*len(s.Problems) {
		t.Errorf("%d samples, %v, %v", len(samples), warnings, err)
	}
	_, _, err = readAll(benchmarks.ExampleSamples, tiny())
	testkit.Error(t, err, "\x00", "tiny has no example samples, starter has")
}

func TestReadSamplesFenced(t *testing.T) {
	path := testkit.File(t, "s.jsonl", `{"task_id":"HumanEval/0","solution":"Here:\n`+"```python"+`\nx\n`+"```"+`"}
{"task_id":"HumanEval/1","completion":"`+"```"+`x"}
{"task_id":"Mbpp/2","solution":"x = '`+"```"+`'"}`)
	_, warnings, err := readAll(path, tiny())
	want := []string{"2 of 3 samples have a ``` fence in them: a sample has to be plain code, so take the program out of the answer and give it as \"solution\""}
	if err != nil || !slices.Equal(warnings, want) {
		t.Errorf("got %q, %v", warnings, err)
	}
}

// TestPublishedSamples reads what others have published, every row of it.
func TestPublishedSamples(t *testing.T) {
	dir := testkit.Data(t)
	for _, tt := range []struct {
		spec, path string
		want       int
	}{
		{"humaneval+@v0.1.9", "samples/qwen2.5-coder-7b-base/evalplus/humaneval/generated.jsonl.gz", 164},
		{"mbpp+@v0.1.0", "samples/qwen2.5-coder-7b-base/evalplus/mbpp/generated.jsonl.gz", 399},
		{"humaneval", "samples/canonical/he_canonical.jsonl", 164},
		{"humaneval+", "samples/canonical/hep_canonical.jsonl", 164},
		{"mbpp+", "samples/canonical/mbppp_canonical.jsonl", 378},
	} {
		samples, warnings, err := readAll(filepath.Join(dir, tt.path), openShared(t, tt.spec))
		if err != nil || len(samples) != tt.want || len(warnings) > 0 {
			t.Errorf("%s: %d samples, %v, %v", tt.path, len(samples), warnings, err)
		}
	}
}

// FuzzReadSamples: whatever the file, samples are of known tasks and have
// numbers of their own, and errors name the file.
func FuzzReadSamples(f *testing.F) {
	for _, s := range []string{
		`{"task_id":"HumanEval/0","solution":"x"}`, `{"task_id":2,"completion":"\ud83d\ude00"}`, "\n{}", "[]",
		`{"task_id":"HumanEval/0","solution":"x","sample":3}`, "\x1f\x8b", `{"task_id":"HumanEval/0","solution":NaN}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := newReader("f", tiny())
		err := c.readLines(bytes.NewReader(data))
		if err != nil && !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("an error without a place: %v", err)
		}
		seen := make(map[string]bool)
		for _, s := range c.out.All {
			key := fmt.Sprint(s.TaskID, "#", s.Index)
			if c.problems[s.TaskID] == nil || seen[key] {
				t.Errorf("sample %s", key)
			}
			seen[key] = true
		}
	})
}
