package rundir

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/trainer"
)

// acts is a trainer that does as it is written.
type acts func(ctx context.Context, job trainer.Job) error

func (acts) Check(context.Context) (map[string]string, error) { return nil, nil }

func (a acts) Train(ctx context.Context, job trainer.Job) error { return a(ctx, job) }

func write(t *testing.T, job trainer.Job, name string) {
	t.Helper()
	path := filepath.Join(job.Dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("{}"), 0o644)); err != nil {
		t.Error(err)
	}
}

// TestEnds: what a run came to is seen in its directory, and said with what is
// kept and how to go on.
func TestEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		stop bool // before it begins
		does acts
		want string // "" when it is finished
	}{
		{"finished", false, func(_ context.Context, job trainer.Job) error {
			write(t, job, ResultFile)
			return nil
		}, ""},
		{"finished at the last moment", true, func(_ context.Context, job trainer.Job) error {
			write(t, job, ResultFile)
			return nil
		}, ""},
		{"a result and a failure", false, func(_ context.Context, job trainer.Job) error {
			write(t, job, ResultFile)
			return errors.New("exit code 1")
		}, "the trainer failed: exit code 1; there is no checkpoint yet, and the same command starts anew"},
		{"no result", false, func(_ context.Context, job trainer.Job) error {
			job.Say("one\ntwo \n\n")
			return nil
		}, "the trainer ended without a result.json, and said last: two; there is no checkpoint yet"},
		{"a failure in its last words", false, func(_ context.Context, job trainer.Job) error {
			job.Say("no kernel")
			return errors.New("ValueError: no kernel")
		}, "the trainer failed: ValueError: no kernel; there"},
		{"a failure that was told", true, func(_ context.Context, job trainer.Job) error {
			job.Event(trainer.Event{Event: trainer.EventFailed, Error: "no model"})
			return errors.New("exit code 1")
		}, "the trainer failed: exit code 1: no model;"},
		{"a failure that was told twice", false, func(_ context.Context, job trainer.Job) error {
			job.Event(trainer.Event{Event: trainer.EventFailed, Error: "step 1: the gradient is NaN"})
			return errors.New("step 1: the gradient is NaN")
		}, "the trainer failed: step 1: the gradient is NaN; there is no checkpoint yet"},
		{"a failure that was told after other words", false, func(_ context.Context, job trainer.Job) error {
			job.Say("a warning")
			job.Event(trainer.Event{Event: trainer.EventFailed, Error: "no model"})
			return errors.New("no model")
		}, "the trainer failed: no model; there is no checkpoint yet"},
		{"stopped", true, func(ctx context.Context, job trainer.Job) error {
			<-job.Stop
			write(t, job, "checkpoints/checkpoint-7/state")
			return trainer.ErrStopped
		}, "interrupted: step 7 is kept in "},
		{"stopped by somebody else", false, func(_ context.Context, job trainer.Job) error {
			write(t, job, "checkpoints/checkpoint-7/state")
			return trainer.ErrStopped
		}, "the trainer was stopped, but not by us; the checkpoint of step 7 is kept, and the same command goes on from it"},
		{"deaf", true, func(ctx context.Context, job trainer.Job) error {
			<-ctx.Done() // its grace is over
			return ctx.Err()
		}, "interrupted before the first checkpoint"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := openOne(t, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			d.grace = time.Millisecond
			stop := make(chan struct{})
			if c.stop {
				close(stop)
			}
			err = d.Train(t.Context(), c.does, trainer.Job{Stop: stop, Event: func(trainer.Event) {}, Say: func(string) {}})
			if d.Finished != (c.want == "") || c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
			var interrupted *InterruptedError
			if errors.As(err, &interrupted) != strings.HasPrefix(c.want, "interrupted") {
				t.Errorf("%T", err)
			}
		})
	}
}

// FuzzHearing: whatever a trainer says, what is passed on is bounded and comes a
// line at a time.
func FuzzHearing(f *testing.F) {
	f.Add("words\r\n"+strings.Repeat("x", 3*mostSaid)+"\n\xff", 1)
	f.Add("a\n\n b", 3*mostLines)
	f.Fuzz(func(t *testing.T, text string, times int) {
		passed := 0
		fits := func(line string) {
			if len(line) > mostSaid+8 || strings.Contains(line, "\n") {
				t.Errorf("passed on: %q", line)
			}
		}
		h := newHearing(trainer.Job{
			Event: func(e trainer.Event) { fits(strings.ReplaceAll(e.Error, "\n", "")) },
			Say:   func(line string) { passed++; fits(line) },
		})
		for range min(times, 1000) {
			h.say(text)
		}
		h.event(trainer.Event{Event: trainer.EventFailed, Error: text})
		if passed > mostLines+1 {
			t.Errorf("%d lines were passed on", passed)
		}
		failed, last := h.last()
		fits(strings.ReplaceAll(failed, "\n", ""))
		fits(last)
	})
}
