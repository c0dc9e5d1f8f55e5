package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/assay-dev/assay/internal/excerpt"
)

// Member is a member of an object, its value as it was written.
type Member struct {
	Key string
	Raw []byte
}

var errEnd = errors.New("the JSON ends early")

// Object splits the text of an object into its members, in order. Of the values
// it only finds where they end; whether they are well formed shows when they
// are parsed.
func Object(text []byte) ([]Member, error) {
	s := splitter{text: text}
	if err := s.open('{', "an object"); err != nil {
		return nil, err
	}
	var out []Member
	for more := !s.closes('}'); more; {
		rawKey, err := s.value()
		if err != nil {
			return nil, err
		}
		var key string
		if err := json.Unmarshal(rawKey, &key); err != nil {
			return nil, s.errorf("a member's name is not a string")
		}
		if err := s.expect(':'); err != nil {
			return nil, err
		}
		raw, err := s.value()
		if err != nil {
			return nil, err
		}
		out = append(out, Member{Key: key, Raw: raw})
		if more, err = s.next('}'); err != nil {
			return nil, err
		}
	}
	return out, s.end()
}

// Array splits the text of an array into its items, as Object does.
func Array(text []byte) ([][]byte, error) {
	s := splitter{text: text}
	if err := s.open('[', "a list"); err != nil {
		return nil, err
	}
	var out [][]byte
	for more := !s.closes(']'); more; {
		raw, err := s.value()
		if err != nil {
			return nil, err
		}
		out = append(out, raw)
		if more, err = s.next(']'); err != nil {
			return nil, err
		}
	}
	return out, s.end()
}

// splitter walks over one text.
type splitter struct {
	text []byte
	at   int
}

func (s *splitter) errorf(format string, args ...any) error {
	return fmt.Errorf("malformed JSON at byte %d: %s", s.at+1, fmt.Sprintf(format, args...))
}

func (s *splitter) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

func (s *splitter) open(c byte, what string) error {
	s.space()
	if s.at >= len(s.text) || s.text[s.at] != c {
		return s.errorf("want %s", what)
	}
	s.at++
	return nil
}

// closes steps over c if it comes next.
func (s *splitter) closes(c byte) bool {
	s.space()
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *splitter) expect(c byte) error {
	if !s.closes(c) {
		return s.missing(c)
	}
	return nil
}

// next steps over a comma (true) or the closing c (false).
func (s *splitter) next(c byte) (bool, error) {
	if s.closes(c) {
		return false, nil
	}
	if !s.closes(',') {
		return false, s.missing(c)
	}
	return true, nil
}

func (s *splitter) missing(c byte) error {
	if s.at >= len(s.text) {
		return errEnd
	}
	return s.errorf("want %q, have %q", c, s.text[s.at])
}

func (s *splitter) end() error {
	s.space()
	if s.at < len(s.text) {
		return s.errorf("text after the end")
	}
	return nil
}

// value steps over one value and returns its text.
func (s *splitter) value() ([]byte, error) {
	s.space()
	start, depth := s.at, 0
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case '"':
			if !s.str() {
				return nil, errEnd
			}
			if depth == 0 {
				return s.text[start:s.at], nil
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return s.atom(start)
			}
			if depth--; depth == 0 {
				s.at++
				return s.text[start:s.at], nil
			}
		case ',', ':', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return s.atom(start)
			}
		}
		s.at++
	}
	if depth > 0 {
		return nil, errEnd
	}
	return s.atom(start)
}

func (s *splitter) atom(start int) ([]byte, error) {
	if s.at == start {
		if s.at >= len(s.text) {
			return nil, errEnd
		}
		return nil, s.errorf("want a value, have %q", s.text[s.at])
	}
	return s.text[start:s.at], nil
}

// str steps over a string, or says that it does not end.
func (s *splitter) str() bool {
	for s.at++; ; {
		n := bytes.IndexByte(s.text[s.at:], '"')
		if n < 0 {
			s.at = len(s.text)
			return false
		}
		before := s.text[s.at : s.at+n]
		s.at += n + 1
		if (len(before)-len(bytes.TrimRight(before, `\`)))%2 == 0 {
			return true
		}
	}
}

// Items calls visit for every item of a file that is one array, with the line
// that the item starts in. Errors name the file and that line.
func Items(name string, content []byte, visit func(raw []byte, line int) error) error {
	content = bytes.TrimPrefix(content, BOM)
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

// maxEscape is how many bytes an escape has for each that it stands for.
const maxEscape = 4

// Excerpt is the start of a text, for a message.
func Excerpt(raw []byte) string {
	const most = 40
	if len(raw) <= most {
		return excerpt.Line(string(raw), len(raw)*maxEscape)
	}
	return excerpt.Line(string(bytes.ToValidUTF8(raw[:most], nil)), most*maxEscape) + "…"
}

// Quote is a string in quotes, cut short for a message.
func Quote(s string) string {
	const most = 60
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
