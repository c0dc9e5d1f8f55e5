package jsonl

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// maxNesting is how deep Unique looks. What reads JSON refuses deeper text.
const maxNesting = 10_000

// Unique refuses JSON in which an object has two members of one name: of which
// readers take the first, the last or both. It says nothing of text that is
// malformed in another way.
func Unique(text []byte) error {
	type object struct {
		names map[string]bool // nil: it is an array
		name  bool            // a name comes next
	}
	var open []object
	s := splitter{text: text}
	for s.at < len(text) {
		switch text[s.at] {
		case '"':
			start := s.at
			if !s.str() {
				return nil
			}
			if len(open) == 0 || !open[len(open)-1].name {
				continue
			}
			in := &open[len(open)-1]
			in.name = false
			name := string(text[start+1 : s.at-1])
			if bytes.IndexByte(text[start:s.at], '\\') >= 0 && json.Unmarshal(text[start:s.at], &name) != nil {
				return nil
			}
			if in.names[name] {
				return fmt.Errorf("there are two members %s in one object", Quote(name))
			}
			in.names[name] = true
			continue
		case '{':
			open = append(open, object{names: map[string]bool{}, name: true})
		case '[':
			open = append(open, object{})
		case '}', ']':
			if len(open) == 0 {
				return nil
			}
			open = open[:len(open)-1]
		case ',':
			if len(open) > 0 {
				open[len(open)-1].name = open[len(open)-1].names != nil
			}
		}
		if len(open) > maxNesting {
			return fmt.Errorf("nested more than %d deep", maxNesting)
		}
		s.at++
	}
	return nil
}
