package rundir

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

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
	switch {
	case failed != "":
		why = ": " + failed
	case last != "" && !strings.Contains(err.Error(), last):
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
