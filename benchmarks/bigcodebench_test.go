package benchmarks

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/internal/testkit"
)

func TestBigCodeBench(t *testing.T) {
	full := openShared(t, "bigcodebench")
	if len(full.Problems) != 1140 || full.Libraries != "bigcodebench" {
		t.Fatalf("%d problems, libraries %q", len(full.Problems), full.Libraries)
	}
	for _, p := range full.Problems {
		if p.Oracle != Unittest || p.TestCase != "TestCases" || p.EntryPoint != "task_func" || p.Instruct == "" {
			t.Fatalf("%s: %+v", p.ID, p)
		}
		if !strings.HasSuffix(p.Calibration, "\n    pass\n") || !strings.Contains(p.Test, "class TestCases(") {
			t.Errorf("%s: calibration %q", p.ID, p.Calibration)
		}
	}
}

// TestBigCodeBenchHard holds our list of numbers against the publisher's.
func TestBigCodeBenchHard(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(testkit.Data(t), "bigcodebench", "hard-ids.json"))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	if err := json.Unmarshal(data, &ids); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, id := range ids {
		want[id] = true
	}
	got := map[string]bool{}
	for _, p := range openShared(t, "bigcodebench-hard").Problems {
		got[p.ID] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// bigCodeBenchRow is a data set of one problem.
func bigCodeBenchRow(t *testing.T, change func(map[string]any)) string {
	t.Helper()
	row := map[string]any{
		"task_id": "BigCodeBench/0", "complete_prompt": "def task_func():\n    \"\"\"One.\"\"\"\n", "instruct_prompt": "One.",
		"canonical_solution": "    return 1", "code_prompt": "def task_func():\n", "test": "class TestCases(unittest.TestCase):\n", "entry_point": "task_func",
	}
	change(row)
	data, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "own.jsonl")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBigCodeBenchRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, spec, want string
		change           func(map[string]any)
	}{
		{"no tests", "bigcodebench", `own.jsonl:1: field "test" is missing`, func(r map[string]any) { delete(r, "test") }},
		{"a number", "bigcodebench", `own.jsonl:1: field "code_prompt": want a string, have 7`, func(r map[string]any) { r["code_prompt"] = 7 }},
		{"few hard ones", "bigcodebench-hard", fmt.Sprintf("0 of the %d hard problems are in it", len(hard)), func(map[string]any) {}},
		{"another version", "bigcodebench@v0.1.4", "wrong checksum", func(map[string]any) {}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(t.Context(), tt.spec, Options{DataFile: bigCodeBenchRow(t, tt.change)})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestVersionsWithoutSums are read from a file only, and the message says which
// versions are fetched.
func TestVersionsWithoutSums(t *testing.T) {
	_, err := Open(t.Context(), "bigcodebench@v0.1.2", Options{})
	if err == nil || !strings.Contains(err.Error(), "(those of v0.1.4 are)") || !strings.Contains(err.Error(), "--data FILE") {
		t.Errorf("error %v", err)
	}
	s := open(t, "bigcodebench@v0.1.2", Options{DataFile: bigCodeBenchRow(t, func(map[string]any) {})})
	if s.Version != "v0.1.2" {
		t.Errorf("version %q", s.Version)
	}
}

func TestBigCodeBenchPrograms(t *testing.T) {
	p := open(t, "bigcodebench", Options{DataFile: bigCodeBenchRow(t, func(map[string]any) {})}).Problems[0]
	if want := p.Prompt + "\n    return 1"; p.Canonical != want {
		t.Errorf("canonical program %q, want %q", p.Canonical, want)
	}
	if want := "def task_func():\n\n    pass\n"; p.Calibration != want {
		t.Errorf("calibration %q, want %q", p.Calibration, want)
	}
}
