package run

import (
	"embed"
	"fmt"
)

//go:embed schemas
var schemas embed.FS

// Schemas are the names that Schema knows.
var Schemas = []string{"results", "summary"}

// Schema returns the JSON Schema of one line of results.jsonl ("results") or of
// summary.json ("summary").
func Schema(name string) ([]byte, error) {
	data, err := schemas.ReadFile("schemas/" + name + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("no schema is called %q: there are results and summary", name)
	}
	return data, nil
}
