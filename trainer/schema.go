package trainer

import (
	"embed"
	"fmt"
)

//go:embed schemas
var schemas embed.FS

// Schema returns the JSON Schema of one line of pairs ("pairs") or of a run's
// manifest ("manifest").
func Schema(name string) ([]byte, error) {
	data, err := schemas.ReadFile("schemas/" + name + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("no schema is called %q: there are pairs and manifest", name)
	}
	return data, nil
}
