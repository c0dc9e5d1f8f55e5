package benchmarks

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/testkit"
	"github.com/assay-dev/assay/internal/value"
)

// lcbRow is a row as LiveCodeBench publishes it, with changes.
func lcbRow(t testing.TB, changes map[string]any) string {
	t.Helper()
	row := map[string]any{
		"question_title": "Sum", "question_content": "Add.", "platform": "atcoder", "question_id": "abc1_a", "contest_id": "abc1",
		"contest_date": "2024-05-04T19:30:00", "starter_code": "", "difficulty": "easy", "metadata": "{}",
		"public_test_cases":  `[{"input": "1 2\n", "output": "3\n", "testtype": "stdin"}]`,
		"private_test_cases": zipped(t, pickledText(`[{"input": "2 2\n", "output": "4\n", "testtype": "stdin"}]`)),
	}
	maps.Copy(row, changes)
	for name, v := range row {
		if v == nil {
			delete(row, name)
		}
	}
	line, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	return string(line)
}

var lcbFunction = map[string]any{
	"question_id": "2777", "platform": "leetcode", "metadata": `{"func_name": "add"}`, "starter_code": "class Solution:\n    def add(self, a, b):\n        ",
	"public_test_cases":  `[{"input": "1\n[2, \"x\"]", "output": "[1, 2.5]", "testtype": "functional"}]`,
	"private_test_cases": `[{"input": "3\n4", "output": "null", "testtype": "functional"}]`,
}

func openLCB(t testing.TB, content string) (*Suite, error) {
	t.Helper()
	return Open(t.Context(), "livecodebench", Options{DataFile: testkit.File(t, "lcb.jsonl", content)})
}

func TestLiveCodeBenchRows(t *testing.T) {
	plain := lcbRow(t, nil) + "\n" + lcbRow(t, lcbFunction) + "\n" + lcbRow(t, map[string]any{"question_id": "1_A", "private_test_cases": nil}) + "\n"
	for _, content := range []string{plain, testkit.Pack(t, plain)} {
		s, err := openLCB(t, content)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Problems) != 3 || s.Version != "custom" || s.Problems[0].ID != "1_A" {
			t.Fatalf("%d problems of %s, %s first", len(s.Problems), s.Version, s.Problems[0].ID)
		}
		public, function, program := s.Problems[0], s.Problems[1], s.Problems[2]
		if tests, err := public.Tests.Load(); err != nil || len(tests) != 1 {
			t.Errorf("%d tests, %v", len(tests), err)
		}
		tests, err := program.Tests.Load()
		if err != nil || len(tests) != 2 || tests[1] != (Test{"2 2\n", "4\n"}) {
			t.Errorf("tests %v, %v", tests, err)
		}
		if program.Oracle != Stdio || program.Seconds != 6 || program.Output.Name != Lines || program.Text() != "Add." || program.Contest.Date != "2024-05-04T19:30:00" {
			t.Errorf("problem %+v", program)
		}
		set, expected, err := function.Tests.Calls()
		if err != nil || set.N != 2 || function.Oracle != Cases || function.Class != "Solution" || function.EntryPoint != "add" {
			t.Fatalf("problem %+v: %v", function, err)
		}
		args, err := set.Input(0)
		if err != nil || repr(args...) != "1, [2, 'x']" || repr(expected...) != "[1, 2.5], None" {
			t.Errorf("args %s, expected %s, %v", repr(args...), repr(expected...), err)
		}
		if public.Hash == program.Hash {
			t.Error("other tests, and the same hash")
		}
	}
}

func TestLiveCodeBenchRefuses(t *testing.T) {
	for _, c := range []struct {
		change map[string]any
		want   string
	}{
		{map[string]any{"question_id": nil}, `lcb.jsonl:2: field "question_id" is missing`},
		{map[string]any{"question_id": "abc1_a"}, `lcb.jsonl:2: task "abc1_a" is there already, in line 1`},
		{map[string]any{"contest_date": "May"}, `lcb.jsonl:2: field "contest_date": "May" is no date`},
		{map[string]any{"metadata": "{"}, `lcb.jsonl:2: field "metadata"`},
		{map[string]any{"metadata": `{"func_name": "a(b"}`}, `lcb.jsonl:2: func_name: "a(b" is no name`},
		{map[string]any{"public_test_cases": nil}, `lcb.jsonl:2: field "public_test_cases" is missing`},
		{map[string]any{"public_test_cases": []int{}}, `lcb.jsonl:2: field "public_test_cases": want a string`},
	} {
		change := map[string]any{"question_id": "other"}
		maps.Copy(change, c.change)
		_, err := openLCB(t, lcbRow(t, nil)+"\n"+lcbRow(t, change)+"\n")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %q", c.change, err, c.want)
		}
	}
	for _, c := range []struct{ private, want string }{
		{"[1]", `lcb.jsonl:1: field "private_test_cases"`},
		{`[{"input": "", "testtype": "stdin"}]`, "test 0: input or output is missing"},
		{`[{"input": "", "output": "", "testtype": "socket"}]`, `test 0: no tests are of the type "socket"`},
		{zipped(t, []byte("\x80\x04}.")), "a dict is packed in it"},
		{zipped(t, pickledText("{")), `field "private_test_cases"`},
	} {
		s, err := openLCB(t, lcbRow(t, map[string]any{"private_test_cases": c.private})+"\n")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Problems[0].Tests.Load(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.private, err, c.want)
		}
	}
	for _, c := range []struct{ input, output, want string }{
		{"1,2\n3", "1", "input 0: 3 values in 2 lines"}, {"1\n", "1", "input 0"}, {"1", "x", "output 0"}, {"", "1", "input 0"},
	} {
		tests := NewTests([]Test{{c.input, c.output}})
		if _, _, err := tests.Calls(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.input, err, c.want)
		}
	}
}

// A file that changed between opening and judging is noticed.
func TestRowsAreReadAgain(t *testing.T) {
	path := testkit.File(t, "lcb.jsonl", "\n"+lcbRow(t, nil)+"\n"+lcbRow(t, lcbFunction)+"\n")
	s, err := Open(t.Context(), "livecodebench", Options{DataFile: path})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-5] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Problems {
		_, err := p.Tests.Load()
		if changed := p.ID == "2777"; changed != (err != nil) || changed && !strings.Contains(err.Error(), "lcb.jsonl:3: the row is another") {
			t.Errorf("%s: %v", p.ID, err)
		}
	}
}

// The releases are files in a folder, held to their sums.
func TestLiveCodeBenchReleases(t *testing.T) {
	latest, err := Lookup("livecodebench")
	if err != nil || latest.Version != "release_v6" || latest.Problems != 1055 || len(latest.Files) != 6 {
		t.Errorf("%+v, %v", latest, err)
	}
	for spec, want := range map[string]struct{ problems, files int }{
		"release_v1": {400, 1}, "release_v2": {511, 2}, "release_v3": {612, 3}, "release_v4": {713, 4}, "release_v5": {880, 5},
		"v5": {167, 1}, "v4_v6": {443, 3}, "v1_v1": {400, 1},
	} {
		i, err := Lookup("livecodebench@" + spec)
		if err != nil || i.Problems != want.problems || len(i.Files) != want.files {
			t.Errorf("%s: %d problems, %d files, %v", spec, i.Problems, len(i.Files), err)
		}
	}
	for _, spec := range []string{"release_v7", "v7", "v3_v2", "v0", "mine"} {
		if i, err := Lookup("livecodebench@" + spec); err != nil || i.Problems != 0 || len(i.Files) != 0 {
			t.Errorf("%s: %+v, %v", spec, i, err)
		}
	}
	dir := t.TempDir()
	for _, c := range []struct {
		spec, data string
		want       string
	}{
		{"livecodebench", "", "its 6 files have 4.5 GB"},
		{"livecodebench@mine", "", "no checksum of this version is known (those of release_v6, "},
		{"livecodebench@mine", dir, "is a folder: pass the file"},
		{"livecodebench@release_v2", dir, "test2.jsonl: no such file"},
		{"livecodebench@release_v1", dir, "test.jsonl: wrong checksum: test.jsonl of livecodebench@release_v1 has sha-256 2bd02b38"},
		{"livecodebench@release_v1", filepath.Join(dir, "test.jsonl"), "wrong checksum"},
		{"livecodebench@release_v2", filepath.Join(dir, "test.jsonl"), "has 2 files: pass the folder"},
		{"livecodebench", filepath.Join(dir, "absent"), "no such file"},
	} {
		if err := os.WriteFile(filepath.Join(dir, "test.jsonl"), []byte(lcbRow(t, nil)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), c.spec, Options{DataFile: c.data}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %s: got %v, want %q", c.spec, c.data, err, c.want)
		}
	}
	if _, err := Open(t.Context(), "livecodebench@release_v1", Options{DataDir: dir}); err == nil || !strings.Contains(err.Error(), "wrong checksum") {
		t.Errorf("in a folder of data sets: %v", err)
	}
}

// TestLiveCodeBenchShared loads what is there of the real thing, with every test.
func TestLiveCodeBenchShared(t *testing.T) {
	for file, want := range map[string]struct{ problems, programs, tests int }{
		"lcb-v1-public-tests.jsonl.gz": {400, 219, 1043},
		"lcb-v1-3-full-rows.jsonl.gz":  {3, 2, 34},
	} {
		s, err := Open(t.Context(), "livecodebench", Options{DataFile: filepath.Join(testkit.Data(t), "livecodebench", file)})
		if err != nil {
			t.Fatal(err)
		}
		programs, n := 0, 0
		for _, p := range s.Problems {
			tests, err := p.Tests.Load()
			if err != nil {
				t.Errorf("%s: %v", p.ID, err)
			}
			n += len(tests)
			if p.Oracle == Stdio {
				programs++
			} else if _, _, err := p.Tests.Calls(); err != nil {
				t.Errorf("%s: %v", p.ID, err)
			}
		}
		if len(s.Problems) != want.problems || programs != want.programs || n != want.tests {
			t.Errorf("%s: %d problems, %d programs, %d tests, want %+v", file, len(s.Problems), programs, n, want)
		}
	}
}

func repr(values ...value.Value) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = value.Repr(v, 1000)
	}
	return strings.Join(out, ", ")
}
