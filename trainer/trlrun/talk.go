package trlrun

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"

	"assay/plugins/child"
)

// What is taken of what a trainer says.
const (
	mostKept  = 8 << 10 // bytes at the end, for an error
	mostLine  = 1 << 16 // bytes of a line: an event has far fewer
	mostSaid  = 1 << 10 // bytes of a line that is passed on
	mostLines = 200     // lines that are passed on
)

// Events that a trainer tells.
const (
	Start      = "start"
	Step       = "step"
	Evaluation = "evaluation"
	failed     = "failed"
)

// Event is what a trainer tells of a run. A number that an event doesn't have is
// nil.
type Event struct {
	Event       string   `json:"event"`
	Step        int      `json:"step"`
	Of          int      `json:"of"`
	Loss        *float64 `json:"loss"`
	Accuracy    *float64 `json:"rewards/accuracies"`
	Margin      *float64 `json:"rewards/margins"`
	HeldLoss    *float64 `json:"eval_loss"`
	HeldRight   *float64 `json:"eval_rewards/accuracies"`
	HeldMargin  *float64 `json:"eval_rewards/margins"`
	Rate        float64  `json:"tokens_per_second"`
	Error       string   `json:"error"`
	Device      string   `json:"device"`
	Precision   string   `json:"precision"`
	Pairs       int      `json:"pairs"`
	HeldOut     int      `json:"held_out"`
	TooLong     int      `json:"too_long"`
	ResumedFrom string   `json:"resumed_from"`
}

// talk is what a trainer says on its two streams: events, and words for people.
type talk struct {
	event func(Event)
	say   func(string)

	mu     sync.Mutex
	passed int
	kept   child.Tail
	failed string // what its event of failure says
}

// out takes a line of stdout: an event, or what some library prints there.
func (t *talk) out(line string) {
	var e Event
	if json.Unmarshal([]byte(line), &e) != nil || e.Event == "" {
		t.err(line)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if e.Event == failed {
		t.failed = cut(e.Error)
	}
	t.event(e)
}

// err takes a line that is no event.
func (t *talk) err(line string) {
	line = strings.TrimRight(line, " \r")
	if line == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = t.kept.Write([]byte(line + "\n")) // to memory
	switch t.passed++; {
	case t.passed <= mostLines:
		t.say(cut(line))
	case t.passed == mostLines+1:
		t.say("… the trainer says more, which isn't shown")
	}
}

func cut(line string) string {
	if len(line) <= mostSaid {
		return line
	}
	return strings.ToValidUTF8(line[:mostSaid], "") + " …"
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return cut(lines[len(lines)-1])
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
	l.pass()
}

func (l *lines) pass() {
	l.each(string(l.line))
	l.line = l.line[:0]
}
