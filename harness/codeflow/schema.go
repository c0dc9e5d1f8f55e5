package codeflow

import (
	"embed"
	"fmt"
)

//go:embed schemas
var schemas embed.FS

// Schemas are the names that Schema knows.
var Schemas = []string{"traces", "stats"}

// Schema returns the JSON Schema of one line of traces.jsonl ("traces") or of
// stats.json ("stats").
func Schema(name string) ([]byte, error) {
	data, err := schemas.ReadFile("schemas/" + name + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("no schema is called %q: there are traces and stats", name)
	}
	return data, nil
}
