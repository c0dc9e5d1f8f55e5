package atomicfile

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// mostDocument bounds a document that is read back, in bytes.
const mostDocument = 64 << 20

// WriteDocument writes a file of one value as indented JSON.
func WriteDocument(path string, v any) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	e := json.NewEncoder(f)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return f.Commit()
}

// ReadDocument reads a file of one value. Errors name it.
func ReadDocument(path string, v any) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostDocument+1))
	if err != nil {
		return err
	}
	if len(data) > mostDocument {
		return fmt.Errorf("%s has more than %d bytes, which is the most that is read", path, mostDocument)
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
