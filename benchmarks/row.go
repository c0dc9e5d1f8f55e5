package benchmarks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"assay/benchmarks/jsonl"
)

// row is one problem as the data set has it, its fields unparsed.
type row struct {
	file   string
	line   int
	fields map[string][]byte
}

// eachLine calls visit for every row of a file of JSON lines.
func (d *dataset) eachLine(visit func(row) error) error {
	r, err := jsonl.NewReader(d.name, bytes.NewReader(d.content), jsonl.Bounds{})
	if err != nil {
		return err
	}
	for {
		text, line, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		// The reader uses its buffer again; the fields are kept.
		if err := visitRow(d.name, line, bytes.Clone(text), visit); err != nil {
			return err
		}
	}
}

// eachItem calls visit for every row of a file that is one JSON array.
func (d *dataset) eachItem(visit func(row) error) error {
	items, err := jsonl.Array(d.content)
	if err != nil {
		return &jsonl.Error{File: d.name, Err: err}
	}
	line, seen := 1, 0
	for _, item := range items {
		at := bytes.Index(d.content[seen:], item) + seen
		line += bytes.Count(d.content[seen:at], []byte("\n"))
		seen = at
		if err := visitRow(d.name, line, item, visit); err != nil {
			return err
		}
	}
	return nil
}

func visitRow(file string, line int, text []byte, visit func(row) error) error {
	members, err := jsonl.Object(text)
	if err != nil {
		return &jsonl.Error{File: file, Line: line, Err: err}
	}
	r := row{file: file, line: line, fields: make(map[string][]byte, len(members))}
	for _, m := range members {
		r.fields[m.Key] = m.Raw
	}
	if err := visit(r); err != nil {
		return &jsonl.Error{File: file, Line: line, Err: err}
	}
	return nil
}

var errAbsent = errors.New("is missing")

// decode reads a field that must be there into to, whose type what names.
func (r row) decode(field string, to any, what string) error {
	raw, ok := r.fields[field]
	if !ok {
		return fmt.Errorf("field %q %w", field, errAbsent)
	}
	if bytes.Equal(raw, []byte("null")) || json.Unmarshal(raw, to) != nil {
		return fmt.Errorf("field %q: want %s, have %s", field, what, excerpt(raw))
	}
	return nil
}

func (r row) str(field string) (s string, err error) {
	return s, r.decode(field, &s, "a string")
}

func (r row) strs(field string) (s []string, err error) {
	return s, r.decode(field, &s, "a list of strings")
}

func (r row) integer(field string) (n int, err error) {
	return n, r.decode(field, &n, "an integer")
}

func (r row) number(field string) (f float64, err error) {
	return f, r.decode(field, &f, "a number")
}

// strings reads several string fields at once.
func (r row) strings(to map[string]*string) error {
	for _, field := range sortedKeys(to) {
		s, err := r.str(field)
		if err != nil {
			return err
		}
		*to[field] = s
	}
	return nil
}

// excerpt shows the start of a text in a message.
func excerpt(raw []byte) string {
	const most = 40
	if len(raw) <= most {
		return string(raw)
	}
	return string(bytes.ToValidUTF8(raw[:most], nil)) + "…"
}
