package run

import (
	"strings"
	"testing"

	"assay/harness/schematest"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	return schematest.Compile(t, name, Schema)
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
