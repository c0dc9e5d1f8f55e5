package host

import (
	"bytes"
	"fmt"
	"io"
	"sync"

	"github.com/assay-dev/assay/internal/child"
)

// sink takes the lines that one process prints: to the log, as far as the bound
// goes, and the last ones for messages. It is safe for concurrent use.
type sink struct {
	name   string
	redact child.Redactor
	tail   child.Tail

	mu   sync.Mutex
	out  io.Writer
	left int
}

func newSink(c Config) *sink {
	return &sink{name: c.Name, redact: child.NewRedactor(c.Secrets...), tail: child.Tail{Most: maxTold}, out: c.Log, left: maxLogged}
}

func (s *sink) line(text []byte) {
	line := s.redact.Line(string(text), maxLine)
	if line == "" {
		return
	}
	_, _ = s.tail.Write([]byte(line + "\n")) // to memory
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left <= 0 {
		return
	}
	if s.left -= len(line); s.left <= 0 {
		line = fmt.Sprintf("it has printed %d bytes; what follows is left out", maxLogged)
	}
	// A log that can't be written to is no reason to stop.
	_, _ = fmt.Fprintf(s.out, "%s: %s\n", s.name, line)
}

// said is the end of a message: what was printed last.
func (s *sink) said() string {
	if text := s.redact.Line(s.tail.String(), maxTold); text != "" {
		return "; it said: " + text
	}
	return ""
}

// lines cuts one stream of a process into lines. A long line's end is lost.
type lines struct {
	sink *sink

	mu   sync.Mutex
	kept []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for rest := p; len(rest) > 0; {
		text, after, end := bytes.Cut(rest, []byte("\n"))
		most := maxLine + 1 + l.sink.redact.Longest() - len(l.kept)
		l.kept = append(l.kept, text[:min(len(text), most)]...)
		if end {
			l.sink.line(l.kept)
			l.kept = l.kept[:0]
		}
		rest = after
	}
	return len(p), nil
}
