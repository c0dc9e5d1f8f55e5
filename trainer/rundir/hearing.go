package rundir

import (
	"strings"
	"sync"

	"github.com/assay-dev/assay/internal/child"
	"github.com/assay-dev/assay/trainer"
)

// What is taken of what a trainer says.
const (
	mostSaid  = 1 << 10 // bytes of a line that is passed on
	mostLines = 200     // lines that are passed on
)

// hearing stands between a trainer and who listens: it passes on what is said
// within bounds, and remembers the end of it.
type hearing struct {
	to trainer.Job

	mu     sync.Mutex
	passed int
	line   string // the last one
	failed string // what an event of failure said
}

func newHearing(to trainer.Job) *hearing { return &hearing{to: to} }

func (h *hearing) event(e trainer.Event) {
	e.Error, e.Device, e.Precision, e.ResumedFrom = cut(e.Error), cut(e.Device), cut(e.Precision), cut(e.ResumedFrom)
	h.mu.Lock()
	defer h.mu.Unlock()
	if e.Event == trainer.EventFailed {
		h.failed = e.Error
	}
	h.to.Event(e)
}

func (h *hearing) say(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \r\n")
		if line == "" {
			continue
		}
		h.line = cut(line)
		switch h.passed++; {
		case h.passed <= mostLines:
			h.to.Say(h.line)
		case h.passed == mostLines+1:
			h.to.Say("… the trainer says more, which isn't shown")
		}
	}
}

// last is what an event of failure said, and the last line.
func (h *hearing) last() (failed, line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.failed, h.line
}

func cut(text string) string { return child.Cut(text, mostSaid) }
