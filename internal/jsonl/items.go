package jsonl

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Items calls visit for every item of a file that is one array, with the line
// that the item starts in. Errors name the file and that line.
func Items(name string, content []byte, visit func(raw []byte, line int) error) error {
	items, err := Array(content)
	if err != nil {
		return &Error{File: name, Err: err}
	}
	line, seen := 1, 0
	for _, item := range items {
		at := bytes.Index(content[seen:], item) + seen
		line += bytes.Count(content[seen:at], []byte("\n"))
		seen = at
		if err := visit(item, line); err != nil {
			return &Error{File: name, Line: line, Err: err}
		}
	}
	return nil
}

// ReadAll reads r to its end; more than limit bytes are an error.
func ReadAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("too big: more than %d bytes", limit)
	}
	return data, nil
}

// Excerpt is the start of a text, for a message.
func Excerpt(raw []byte) string {
	const most = 40
	if len(raw) <= most {
		return string(raw)
	}
	return string(bytes.ToValidUTF8(raw[:most], nil)) + "…"
}

// Quote is a string in quotes, cut short for a message.
func Quote(s string) string {
	const most = 60
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
