package child

import (
	"bytes"
	"strings"
	"sync"
)

// Tail keeps the end of what is written, Most bytes of it. It is safe for
// concurrent use.
type Tail struct {
	Most int

	mu   sync.Mutex
	kept []byte
}

func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if extra := len(t.kept) - t.Most; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	return len(p), nil
}

// String is what was kept.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}

// LastLine is the last line of a text that is not blank, at most most bytes of
// it.
func LastLine(text string, most int) string {
	text = strings.TrimSpace(text)
	return Cut(text[strings.LastIndexByte(text, '\n')+1:], most)
}

// Cut is the first most bytes of a text, with a sign that it was longer.
func Cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + " …"
}

// Lines passes on what is written line by line, without the ends, Most bytes of
// each. It is safe for concurrent use.
type Lines struct {
	Most int
	Each func(line string)

	mu   sync.Mutex
	line []byte
}

func (l *Lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for rest := p; len(rest) > 0; {
		part, after, ended := bytes.Cut(rest, []byte{'\n'})
		l.line = append(l.line, part[:min(len(part), l.Most-len(l.line))]...)
		if ended {
			l.pass()
		}
		rest = after
	}
	return len(p), nil
}

// End passes on a last line that has no end.
func (l *Lines) End() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.line) > 0 {
		l.pass()
	}
}

func (l *Lines) pass() {
	l.Each(string(l.line))
	l.line = l.line[:0]
}
