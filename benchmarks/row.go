package benchmarks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/assay-dev/assay/internal/jsonl"
)

// row is one problem as the data set has it, its fields unparsed.
type row struct {
	file   string
	line   int
	text   []byte
	place  *place // where to read it again; nil: what is kept of it has to be kept in memory
	fields map[string][]byte
}

// eachLine calls visit for every row of a data set of JSON lines.
func (d *dataset) eachLine(visit func(row) error) error {
	if len(d.parts) > 0 {
		return d.eachLineOfParts(visit)
	}
	return eachLine(d.name, bytes.NewReader(d.content), jsonl.Bounds{}, func(text []byte, line int, _ int64) error {
		// The reader uses its buffer again; the fields are kept.
		return visitRow(d.name, line, bytes.Clone(text), visit)
	})
}

// eachLine calls visit for every line, with its number and its place.
func eachLine(name string, in io.Reader, b jsonl.Bounds, visit func(text []byte, line int, offset int64) error) error {
	r, err := jsonl.NewReader(name, in, b)
	if err != nil {
		return err
	}
	for text, err := range r.All() {
		if err != nil {
			return err
		}
		if err := visit(text, r.Line(), r.Offset()); err != nil {
			return err
		}
	}
	return nil
}

// eachItem calls visit for every row of a file that is one JSON array.
func (d *dataset) eachItem(visit func(row) error) error {
	return eachItem(d.name, d.content, func(raw []byte, line int) error {
		r := row{file: d.name, line: line, text: raw}
		if err := r.split(); err != nil {
			return err
		}
		return visit(r)
	})
}

// eachItem calls visit for every item of an array, with the line it starts in,
// which errors name.
func eachItem(name string, content []byte, visit func(raw []byte, line int) error) error {
	items, err := jsonl.Array(content)
	if err != nil {
		return &jsonl.Error{File: name, Err: err}
	}
	line, seen := 1, 0
	for _, item := range items {
		at := bytes.Index(content[seen:], item) + seen
		line += bytes.Count(content[seen:at], []byte("\n"))
		seen = at
		if err := visit(item, line); err != nil {
			return &jsonl.Error{File: name, Line: line, Err: err}
		}
	}
	return nil
}

func visitRow(file string, line int, text []byte, visit func(row) error) error {
	r := row{file: file, line: line, text: text}
	err := r.split()
	if err == nil {
		err = visit(r)
	}
	if err != nil {
		return &jsonl.Error{File: file, Line: line, Err: err}
	}
	return nil
}

// split finds the fields in the text.
func (r *row) split() error {
	members, err := jsonl.Object(r.text)
	r.fields = make(map[string][]byte, len(members))
	for _, m := range members {
		r.fields[m.Key] = m.Raw
	}
	return err
}

var errAbsent = errors.New("is missing")

// decode reads a field that must be there into to, whose type what names.
func (r row) decode(field string, to any, what string) error {
	raw, ok := r.fields[field]
	if !ok {
		return fmt.Errorf("field %q %w", field, errAbsent)
	}
	if bytes.Equal(raw, []byte("null")) || json.Unmarshal(raw, to) != nil {
		return fmt.Errorf("field %q: want %s, have %s", field, what, jsonl.Excerpt(raw))
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
