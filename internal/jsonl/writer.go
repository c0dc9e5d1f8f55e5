package jsonl

import (
	"bytes"
	"encoding/json"
	"io"
)

// Marshal returns a value as files of assay have it in a line: JSON as
// encoding/json writes it, but with <, > and & as they are. The line's end is
// not in it.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Write writes a value as a line, in one call.
func Write(w io.Writer, v any) error {
	line, err := Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
