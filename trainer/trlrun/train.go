package trlrun

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"assay/plugins/child"
	"assay/trainer"
)

// stoppedCode is the program's exit code when it was stopped with a checkpoint.
const stoppedCode = 3

// Trainer trains with the PyTorch program of a Python.
type Trainer struct{ Python string }

// Train starts the program on a run and follows it to its end.
func (t Trainer) Train(ctx context.Context, job trainer.Job) error {
	life, end := context.WithCancel(ctx)
	defer end()
	said := &talk{job}
	out, words := &lines{each: said.out}, &lines{each: job.Say}
	cmd := exec.CommandContext(life, t.Python, "-m", module, job.Dir)
	child.Alone(cmd)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = environment(), out, words, 5*time.Second
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		select {
		case <-job.Stop:
			if cmd.Process.Signal(os.Interrupt) != nil {
				end() // Windows has no such signal
			}
		case <-life.Done():
		}
	}()
	err := cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) { // it ended, and what it started holds its streams
		_ = cmd.Cancel()
		err = nil
	}
	out.end()
	words.end()
	return ending(err)
}

func ending(err error) error {
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == stoppedCode:
		return trainer.ErrStopped
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return fmt.Errorf("exit code %d", exit.ExitCode())
	}
	return err
}
