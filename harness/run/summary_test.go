package run

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/testkit"
	"github.com/assay-dev/assay/runtimes"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	return testkit.Schema(t, name, Schema)
}

func validate(s *jsonschema.Schema, text string) error {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

func TestFilesMatchTheirSchemas(t *testing.T) {
	cfg, judge := config(t, 6, 2)
	judge.broken["T/5"] = true // faults of ours have a line too
	mustRun(t, cfg)
	results, summary := compile(t, "results"), compile(t, "summary")
	for line := range strings.Lines(read(t, cfg.Dir, ResultsName)) {
		if err := validate(results, line); err != nil {
			t.Errorf("%s%v", line, err)
		}
	}
	text := read(t, cfg.Dir, summaryName)
	if err := validate(summary, text); err != nil {
		t.Error(err)
	}
	if err := validate(summary, strings.Replace(text, `"samples"`, `"sample"`, 1)); err == nil {
		t.Error("the schema of the summary takes a summary without samples")
	}
	if err := validate(results, `{"version":1,"task_id":"a","sample":0,"verdict":"maybe"}`); err == nil {
		t.Error("the schema of the results takes a verdict that there isn't")
	}
}

// Unit tests have a place in a record, and the second score one in the summary.
func TestUnitTestsMatchTheSchema(t *testing.T) {
	cfg, judge := config(t, 2, 1)
	cfg.Runnable, cfg.RunnableOnly = map[string]bool{"T/0": true}, true
	judge.tests = []runtimes.TestResult{
		{Name: "test_a", Outcome: runtimes.TestPass},
		{Name: "test_b (n=1)", Outcome: runtimes.TestError, Exception: &runtimes.ExceptionInfo{Type: "E", Message: "m", Line: 3, Traceback: "t"}},
	}
	mustRun(t, cfg)
	results := compile(t, "results")
	for line := range strings.Lines(read(t, cfg.Dir, ResultsName)) {
		if err := validate(results, line); err != nil || !strings.Contains(line, `"name":"test_b (n=1)"`) {
			t.Errorf("%s%v", line, err)
		}
		if err := validate(results, strings.Replace(line, `"outcome":"error"`, `"outcome":"fine"`, 1)); err == nil {
			t.Error("the schema takes an outcome that there isn't")
		}
	}
	if err := validate(compile(t, "summary"), read(t, cfg.Dir, summaryName)); err != nil {
		t.Error(err)
	}
}

func TestSchemaUnknown(t *testing.T) {
	if _, err := Schema("../config"); err == nil {
		t.Error("a schema of no such name")
	}
	for _, name := range Schemas {
		if _, err := Schema(name); err != nil {
			t.Error(err)
		}
	}
}
