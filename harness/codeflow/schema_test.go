package codeflow

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/testkit"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	return testkit.Schema(t, name, Schema)
}

// fits holds the files of a folder to their schemas.
func fits(t *testing.T, dir string) {
	t.Helper()
	lines, err := os.ReadFile(filepath.Join(dir, TracesName))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(lines)) {
		fitsOne(t, "traces", line)
	}
	stats, err := os.ReadFile(filepath.Join(dir, StatsName))
	if err != nil {
		t.Fatal(err)
	}
	fitsOne(t, "stats", string(stats))
}

func fitsOne(t *testing.T, name, text string) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err == nil {
		err = compile(t, name).Validate(doc)
	}
	if err != nil {
		t.Errorf("%s: %v", text, err)
	}
}

func TestFilesMatchTheirSchemas(t *testing.T) {
	dir, w := t.TempDir(), &writer{answers: many(9)}
	if _, _, err := flow(t, t.Context(), dir, w, problems(t, 9), func(c *Config) { c.Options.Traces = 2 }); err != nil {
		t.Fatal(err)
	}
	fits(t, dir)
	example, err := json.Marshal(exampleTrace())
	if err != nil {
		t.Fatal(err)
	}
	fitsOne(t, "traces", string(example))
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(`{"version":1,"task_id":"T"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Schemas {
		if compile(t, name).Validate(doc) == nil {
			t.Errorf("the schema of %s takes anything", name)
		}
	}
	if _, err := Schema("../config"); err == nil {
		t.Error("a schema of no such name")
	}
}
