package benchmarks

import (
	"embed"
	"fmt"
)

//go:embed schemas
var schemas embed.FS

// Schemas are the names of the files that are described here.
var Schemas = []string{"suite"}

// Schema is the JSON Schema of one of them.
func Schema(name string) ([]byte, error) {
	data, err := schemas.ReadFile("schemas/" + name + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("no schema is called %q", name)
	}
	return data, nil
}
