package trlrun

import (
	"bytes"
	"encoding/json"
	"sync"

	"github.com/assay-dev/assay/trainer"
)

// What is taken of what the program says, in bytes.
const (
	mostKept = 8 << 10 // at the end of a check, for an error
	mostTold = 1 << 10 // of the line that an error has
	mostLine = 1 << 16 // of a line: an event has far fewer
)

// talk is what the program says on its stdout.
type talk struct {
	job     trainer.Job
	stopped bool // it told so
}

// out takes a line: an event, or what some library prints there.
func (t *talk) out(line string) {
	var e trainer.Event
	if json.Unmarshal([]byte(line), &e) != nil || e.Event == "" {
		t.job.Say(line)
		return
	}
	t.stopped = e.Event == eventStopped
	t.job.Event(e)
}

// lines passes on what is written line by line, mostLine bytes of each.
type lines struct {
	each func(string)

	mu   sync.Mutex
	line []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for rest := p; len(rest) > 0; {
		part, after, ended := bytes.Cut(rest, []byte{'\n'})
		l.line = append(l.line, part[:min(len(part), mostLine-len(l.line))]...)
		if ended {
			l.pass()
		}
		rest = after
	}
	return len(p), nil
}

// end passes on a last line that has no end.
func (l *lines) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.line) > 0 {
		l.pass()
	}
}

func (l *lines) pass() {
	l.each(string(l.line))
	l.line = l.line[:0]
}
