package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTasks: prompts are unique, so what is held out is in no corpus; right and
// wrong differ; and the corpus is mostly wrong.
func TestTasks(t *testing.T) {
	all := everyTask(seed)
	seen := map[string]bool{}
	for _, task := range all {
		if seen[task.prompt()] || task.body(true) == task.body(false) || strings.ContainsAny(task.prompt()+task.body(true), "NX") {
			t.Errorf("%q, %q", task.prompt(), task.body(true))
		}
		seen[task.prompt()] = true
	}
	if len(all) != 720 {
		t.Errorf("%d tasks", len(all))
	}
	path := filepath.Join(t.TempDir(), "corpus.jsonl")
	if err := writeCorpus(path, all[heldOut:], 1000, rightly, seed); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bodies := map[string]task{}
	for _, task := range all[heldOut:] {
		bodies[task.prompt()] = task
	}
	right := 0
	for line := range bytes.Lines(text) {
		var row struct{ Prompt, Completion string }
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		task, ok := bodies[row.Prompt]
		if !ok {
			t.Fatalf("%q is held out, or no task", row.Prompt)
		}
		if row.Completion == task.body(true) {
			right++
		}
	}
	if right < 200 || right > 300 {
		t.Errorf("%d of 1000 are right", right)
	}
}

// TestDemo goes the circle. It runs when ASSAY_DEMO is 1, for it takes minutes.
func TestDemo(t *testing.T) {
	if os.Getenv("ASSAY_DEMO") != "1" {
		t.Skip("ASSAY_DEMO is not 1")
	}
	before, after, err := run(filepath.Join(t.TempDir(), "demo"))
	if err != nil {
		t.Fatal(err)
	}
	if before.of != heldOut || after.of != heldOut || !(after.a > before.b) {
		t.Errorf("before %v, after %v", before, after)
	}
}
