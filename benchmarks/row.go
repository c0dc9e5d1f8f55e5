package benchmarks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

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

// visit finds the fields and hands the row over.
func (r row) visit(visit func(row) error) error {
	err := r.split()
	if err == nil {
		err = visit(r)
	}
	if err != nil {
		return &jsonl.Error{File: r.file, Line: r.line, Err: err}
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

// known refuses members of other names.
func (r row) known(fields []string) error {
	for _, name := range sortedKeys(r.fields) {
		if !slices.Contains(fields, name) {
			return fmt.Errorf("no field is called %s here (there are %s)", jsonl.Quote(name), strings.Join(fields, ", "))
		}
	}
	return nil
}

// optional decodes a field that may be absent.
func (r row) optional(field string, to any, what string) error {
	if r.fields[field] == nil {
		return nil
	}
	return r.decode(field, to, what)
}
