package rundir

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/assay-dev/assay/internal/child"
	"github.com/assay-dev/assay/trainer"
)

// Grace is the time for a last step and its checkpoint after a stop.
const Grace = 10 * time.Minute

// InterruptedError says where a run stands that was stopped.
type InterruptedError struct {
	Dir  string
	Step int // of the last checkpoint
}

func (e *InterruptedError) Error() string {
	if e.Step == 0 {
		return fmt.Sprintf("interrupted before the first checkpoint of %s; the same command starts anew", e.Dir)
	}
	return fmt.Sprintf("interrupted: step %d is kept in %s; go on with the same command", e.Step, e.Dir)
}

// Train has a trainer go on with the run until it is finished. When job.Stop is
// closed the trainer has Grace to keep a checkpoint; when ctx is done it ends at
// once.
func (d *Directory) Train(ctx context.Context, t trainer.Trainer, job trainer.Job) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-job.Stop:
			late := time.NewTimer(d.grace)
			defer late.Stop()
			select {
			case <-late.C:
				cancel()
			case <-ctx.Done():
			}
		case <-ctx.Done():
		}
	}()
	h := newHearing(job)
	return d.outcome(ctx, t.Train(ctx, trainer.Job{Dir: d.Dir, Stop: job.Stop, Event: h.event, Say: h.say}), job.Stop, h)
}

// outcome says how a run ended.
func (d *Directory) outcome(ctx context.Context, err error, stop <-chan struct{}, h *hearing) error {
	if err == nil {
		_, err = os.Stat(d.path(ResultFile))
		if err == nil {
			d.Finished = true
			return nil
		}
		err = errEnded
	}
	failed, last := h.last()
	step := d.lastCheckpoint()
	if failed == "" && (ctx.Err() != nil || closed(stop)) {
		return &InterruptedError{d.Dir, step}
	}
	why := ""
	switch said := cmp.Or(failed, last); {
	case strings.Contains(err.Error(), said): // once is enough
	case failed != "":
		why = ": " + failed
	default:
		why = ", and said last: " + last
	}
	return fmt.Errorf("the trainer %s%s; %s", how(err), why, kept(step))
}

var errEnded = errors.New("ended without a " + ResultFile)

func how(err error) string {
	switch {
	case err == errEnded:
		return err.Error()
	case errors.Is(err, trainer.ErrStopped):
		return "was stopped, but not by us"
	}
	return "failed: " + err.Error()
}

func closed(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

func kept(step int) string {
	if step == 0 {
		return "there is no checkpoint yet, and the same command starts anew"
	}
	return fmt.Sprintf("the checkpoint of step %d is kept, and the same command goes on from it", step)
}

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
