package child

import (
	"context"
	"errors"
	"os/exec"
	"time"
)

// Command is a program in a process group of its own: a Ctrl-C of ours is none
// of its business, and when ctx is done it ends with all that it started.
func Command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.WaitDelay = time.Second
	Alone(cmd)
	return cmd
}

// Run starts a command and waits for its end.
func Run(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	return Wait(cmd)
}

// Wait waits for the end of a command that was started. What that leaves behind
// with its streams open ends too, and is no error.
func Wait(cmd *exec.Cmd) error {
	err := cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		_ = cmd.Cancel()
		return nil
	}
	return err
}

// Output runs a command and returns the end of what it wrote to stdout and to
// stderr, most bytes of each.
func Output(cmd *exec.Cmd, most int) (out, said string, err error) {
	stdout, stderr := Tail{Most: most}, Tail{Most: most}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = Run(cmd)
	return stdout.String(), stderr.String(), err
}
