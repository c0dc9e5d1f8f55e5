package trlrun

import (
	"encoding/json"

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
