package host

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"sync/atomic"
	"time"

	"github.com/assay-dev/assay/internal/child"
)

// lastWords is how long what a process printed before its end may take to come
// out.
const lastWords = time.Second

// runner is a plugin's process, as go-plugin wants one.
type runner struct {
	cmd            *exec.Cmd
	stdout, stderr io.ReadCloser
	kill           context.CancelFunc
	done           chan struct{} // closed when the process is gone
	killed         atomic.Bool   // it did not end by itself
}

// newRunner readies the process, which ends when kill has ended life. Its
// standard input is a pipe that nobody writes to: it ends with the host, however
// that ends.
func newRunner(life context.Context, kill context.CancelFunc, args []string, dir string, env []string) (*runner, error) {
	r := &runner{cmd: exec.CommandContext(life, args[0], args[1:]...), kill: kill, done: make(chan struct{})}
	r.cmd.Dir, r.cmd.Env = dir, env
	child.Alone(r.cmd)
	_, err := r.cmd.StdinPipe()
	if err == nil {
		r.stdout, err = r.cmd.StdoutPipe()
	}
	if err == nil {
		r.stderr, err = r.cmd.StderrPipe()
	}
	return r, err
}

func (r *runner) Start(context.Context) error { return r.cmd.Start() }

// Wait is called once, when nothing more comes out of the process.
func (r *runner) Wait(context.Context) error {
	defer close(r.done)
	return r.cmd.Wait()
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

// ended says how the process ended, once it is gone.
func (r *runner) ended() string { return r.cmd.ProcessState.String() }

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
