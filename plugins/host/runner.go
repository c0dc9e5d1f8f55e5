package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync/atomic"
	"time"

	"github.com/assay-dev/assay/internal/child"
	"github.com/assay-dev/assay/plugins/sdk/wire"
	"github.com/assay-dev/assay/runtimes/confine"
)

// lastWords is how long what a process printed before its end may take to come
// out.
const lastWords = time.Second

// runner is a plugin's process, as go-plugin wants one.
type runner struct {
	cmd            *exec.Cmd
	start, wait    func() error
	started        bool
	over           *confine.Exceeded // what it took too much of, once it is gone
	stdout, stderr io.ReadCloser
	kill           context.CancelFunc
	done           chan struct{} // closed when the process is gone
	killed         atomic.Bool   // it did not end by itself
}

// newRunner readies the process, which ends when kill has ended life. Its
// standard input is a pipe that nobody writes to: it ends with the host, however
// that ends. Folder is for its sockets, and goes when it does.
func newRunner(life context.Context, kill context.CancelFunc, c Config, folder string, env []string) (*runner, error) {
	r := &runner{kill: kill, done: make(chan struct{})}
	if c.Kind == wire.Runtime {
		program, err := walled(c, folder, env)
		if err != nil {
			return nil, err
		}
		cmd := confine.Command(life, program)
		r.cmd, r.start, r.wait = cmd.Cmd, cmd.Start, cmd.Wait
	} else {
		r.cmd = exec.CommandContext(life, c.Args[0], c.Args[1:]...)
		r.start, r.wait = r.cmd.Start, r.cmd.Wait
		r.cmd.Dir, r.cmd.Env = c.Dir, append(env, c.Env...)
		child.Alone(r.cmd)
	}
	_, err := r.cmd.StdinPipe()
	if err == nil {
		r.stdout, err = r.cmd.StdoutPipe()
	}
	if err == nil {
		r.stderr, err = r.cmd.StderrPipe()
	}
	return r, err
}

func (r *runner) Start(context.Context) error {
	err := r.start()
	r.started = err == nil
	return err
}

// Wait is called once, when nothing more comes out of the process.
func (r *runner) Wait(context.Context) error {
	defer close(r.done)
	err := r.wait()
	_ = errors.As(err, &r.over)
	return err
}

// Kill ends the process and what it started. Should something still hold its
// output open after that, nobody waits for it.
func (r *runner) Kill(context.Context) error {
	r.killed.Store(true)
	r.kill()
	time.AfterFunc(lastWords, func() {
		_ = r.stdout.Close() // both are closed already, as a rule
		_ = r.stderr.Close()
	})
	return nil
}

// gone waits a little for the end of the process.
func (r *runner) gone(wait time.Duration) bool {
	select {
	case <-r.done:
		return true
	case <-time.After(wait):
		return false
	}
}

// exceeded is the bound that ended the process; nil for none, or while it runs.
func (r *runner) exceeded() *confine.Exceeded {
	select {
	case <-r.done:
		return r.over
	default:
		return nil
	}
}

// ended says how the process ended, once it is gone.
func (r *runner) ended() string {
	if r.over != nil {
		return r.over.Error()
	}
	return r.cmd.ProcessState.String()
}

func (r *runner) Stdout() io.ReadCloser { return r.stdout }
func (r *runner) Stderr() io.ReadCloser { return r.stderr }
func (r *runner) Name() string          { return r.cmd.Path }

func (r *runner) ID() string {
	if r.cmd.Process == nil {
		return "" // there is nothing to kill
	}
	return fmt.Sprint(r.cmd.Process.Pid)
}

// Diagnose leaves the explaining to package host.
func (r *runner) Diagnose(context.Context) string { return "" }

func (r *runner) PluginToHost(network, address string) (string, string, error) {
	return network, address, nil
}

func (r *runner) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
