package trlrun

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"assay/plugins/child"
)

// stoppedCode is the trainer's exit code when it was stopped with a checkpoint.
const stoppedCode = 3

// Trainer is how a run is trained.
type Trainer struct {
	Python string
	Event  func(Event)  // is told each event, one at a time
	Say    func(string) // is told what else the trainer says, line by line
	Grace  time.Duration
	Kill   context.Context // when it is done, so is the trainer, at once
}

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

// Train trains d from its last checkpoint until it is finished. When ctx is done
// the trainer is asked to keep a checkpoint and end.
func (t Trainer) Train(ctx context.Context, d *Directory) error {
	kill, cancel := context.WithCancel(t.Kill)
	defer cancel()
	said := &talk{event: t.Event, say: t.Say, kept: child.Tail{Most: mostKept}}
	out, words := &lines{each: said.out}, &lines{each: said.err}
	cmd := exec.CommandContext(kill, t.Python, "-m", module, d.Dir)
	child.Alone(cmd)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = environment(), out, words, 5*time.Second
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := context.AfterFunc(ctx, func() {
		if cmd.Process.Signal(os.Interrupt) != nil {
			cancel() // Windows has no such signal
			return
		}
		time.AfterFunc(t.Grace, cancel)
	})
	err := cmd.Wait()
	ended()
	if errors.Is(err, exec.ErrWaitDelay) { // it ended, and what it started holds its streams
		_ = cmd.Cancel()
		err = nil
	}
	out.end()
	words.end()
	return d.outcome(ctx, err, said)
}

// outcome says how a run ended.
func (d *Directory) outcome(ctx context.Context, err error, said *talk) error {
	_, missing := os.Stat(d.path(ResultFile))
	if err == nil && missing == nil {
		d.Finished = true
		return nil
	}
	last := d.lastCheckpoint()
	why, told := said.why()
	if ctx.Err() != nil && !told {
		return &InterruptedError{d.Dir, last}
	}
	return fmt.Errorf("the trainer %s%s; %s", how(err), why, kept(last))
}

func how(err error) string {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "ended without a " + ResultFile
	case errors.As(err, &exit) && exit.ExitCode() == stoppedCode:
		return "was stopped by a signal that was not ours"
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return fmt.Sprintf("failed with exit code %d", exit.ExitCode())
	}
	return "failed: " + err.Error()
}

// why is what the trainer said of its end, and whether it told a failure.
func (t *talk) why() (text string, told bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch last := lastLine(t.kept.String()); {
	case t.failed != "":
		return ": " + t.failed, true
	case last != "":
		return ", and said last: " + last, false
	}
	return " and said nothing", false
}

func kept(step int) string {
	if step == 0 {
		return "there is no checkpoint yet, and the same command starts anew"
	}
	return fmt.Sprintf("the checkpoint of step %d is kept, and the same command goes on from it", step)
}
