package judge

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
)

// task is a problem in evalplus's shape.
type task struct {
	ID        string  `json:"task_id"`
	Prompt    string  `json:"prompt"`
	Entry     string  `json:"entry_point"`
	Canonical string  `json:"canonical_solution"`
	Base      []any   `json:"base_input"`
	Plus      []any   `json:"plus_input"`
	Atol      float64 `json:"atol"`
	Test      string  `json:"test"`
}

// canonical is the source text of every canonical solution here: prompt and body.
const canonical = "canonical"

// inputs makes an input of one argument of each value.
func inputs(values ...any) []any {
	out := []any{}
	for _, v := range values {
		out = append(out, []any{v})
	}
	return out
}

// problem loads a task by suite's own reader.
func problem(t *testing.T, suite string, k task) *benchmarks.Problem {
	t.Helper()
	if k.ID == "" {
		k.ID = "HumanEval/0"
	}
	if k.Entry == "" {
		k.Entry = "f"
	}
	if k.Plus == nil {
		k.Plus = []any{}
	}
	k.Prompt, k.Canonical = canonical, ""
	line, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "suite.jsonl")
	if err := os.WriteFile(file, append(line, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := benchmarks.Open(context.Background(), suite, benchmarks.Options{DataFile: file})
	if err != nil {
		t.Fatal(err)
	}
	return s.Problems[0]
}
