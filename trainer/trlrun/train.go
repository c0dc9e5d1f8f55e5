package trlrun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/assay-dev/assay/internal/child"
	"github.com/assay-dev/assay/trainer"
)

// stoppedCode is the program's exit code when it was stopped with a checkpoint.
const stoppedCode = 3

// stopFile asks the program to stop, in the run directory. Accelerate doesn't
// pass a signal on to what it started: it ends, or kills that.
const stopFile = ".stop"

// eventStopped is what the program tells before it ends with stoppedCode, which
// accelerate makes another one.
const eventStopped = "stopped"

// Trainer trains with the PyTorch program of a Python.
type Trainer struct {
	Python string
	// Accelerate is a config file of accelerate's, which starts the program on
	// several GPUs; "": one process.
	Accelerate string
	Processes  int // with Accelerate: how many, in place of the file's number; 0: as it says
}

// Validate says what is wrong with what flags say of several GPUs.
func (t Trainer) Validate() error {
	switch {
	case t.Processes != 0 && t.Accelerate == "":
		return errors.New("--processes goes with --accelerate: a file that says how they share the model")
	case t.Processes < 0:
		return errors.New("--processes can't be negative")
	}
	return nil
}

// command is how the program is started on a run directory.
func (t Trainer) command(dir string) []string {
	var args []string
	if t.Accelerate != "" {
		args = append(args, "-m", "accelerate.commands.launch", "--config_file", t.Accelerate)
		if t.Processes > 0 {
			args = append(args, "--num_processes", strconv.Itoa(t.Processes))
		}
	}
	return append(args, "-m", module, dir)
}

// Train starts the program on a run and follows it to its end.
func (t Trainer) Train(ctx context.Context, job trainer.Job) error {
	life, end := context.WithCancel(ctx)
	defer end()
	said := &talk{job: job}
	out, words := &child.Lines{Most: mostLine, Each: said.out}, &child.Lines{Most: mostLine, Each: job.Say}
	cmd := child.Command(life, t.Python, t.command(job.Dir)...)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = environment(), out, words, 5*time.Second
	asked := filepath.Join(job.Dir, stopFile)
	if err := os.Remove(asked); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer os.Remove(asked)
	go func() {
		select {
		case <-job.Stop:
			if t.stop(cmd.Process, job.Dir) != nil {
				end()
			}
		case <-life.Done():
		}
	}()
	err := child.Wait(cmd)
	out.End()
	words.End()
	return ending(err, said.stopped)
}

// stop asks the program to end its step.
func (t Trainer) stop(p *os.Process, dir string) error {
	if t.Accelerate != "" {
		return os.WriteFile(filepath.Join(dir, stopFile), nil, 0o644)
	}
	return p.Signal(os.Interrupt) // Windows has no such signal
}

func ending(err error, stopped bool) error {
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && (stopped || exit.ExitCode() == stoppedCode):
		return trainer.ErrStopped
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return fmt.Errorf("exit code %d", exit.ExitCode())
	}
	return err
}

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
