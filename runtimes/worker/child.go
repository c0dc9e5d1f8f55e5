package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes"
)

// child is one process and the connections to it.
type child struct {
	cmd     *exec.Cmd
	control *wire
	free    chan *wire // connections that no job uses
	about   ready
	said    head // on stderr
	// patience is how long it may take to end a job that was given up.
	patience time.Duration
	// compiling says that it is for a module, and has not compiled it yet.
	compiling atomic.Bool
	cpu       cpu

	gone   chan struct{} // closed when the process has ended
	status string        // how, once it has

	killing sync.Once
	reason  string // why the parent ended it; "" for no reason to be told
}

// maxControl bounds a frame on the first connection, in bytes.
const maxControl = 1 << 20

// open has the child open its guests.
func (c *child) open(s Setup, tell progress.Func) error {
	if err := c.control.send(kindSetup, s); err != nil {
		return c.died(err)
	}
	for {
		kind, body, err := c.control.receive(maxControl)
		if err != nil {
			return c.died(err)
		}
		c.cpu.progress() // compiling takes minutes of it
		switch kind {
		case kindProgress:
			var s stage
			if err := runtimes.Decode(body, &s); err != nil {
				return fmt.Errorf("the worker process: %w", err)
			}
			c.cpu.progress() // compiling takes longer than one grant
			tell.Stage(s.Stage, s.Done, s.Total)
		case kindReady:
			if err := runtimes.Decode(body, &c.about); err != nil {
				return fmt.Errorf("the worker process: %w", err)
			}
			return nil
		case kindFailed:
			var text string
			if err := runtimes.Decode(body, &text); err != nil {
				return fmt.Errorf("the worker process: %w", err)
			}
			return errors.New(text)
		default:
			return fmt.Errorf("the worker process says %q out of turn", kind)
		}
	}
}

// died waits for the end of a child that a connection broke with, and says how
// it ended. One that lives on is ended: it can't be spoken with.
func (c *child) died(err error) error {
	wait := time.NewTimer(time.Second)
	defer wait.Stop()
	select {
	case <-c.gone:
	case <-wait.C:
		c.endFor("it no longer answered")
	}
	return &diedError{child: c, cause: err}
}

// how says in what way the process ended, once it has.
func (c *child) how() string {
	c.killing.Do(func() {}) // over reason
	if c.reason != "" {
		return c.reason
	}
	if said := c.said.first(); said != "" {
		return c.status + ": " + said
	}
	return c.status
}

// diedError is the end of a child that nobody asked for.
type diedError struct {
	child *child
	cause error
}

func (e *diedError) Error() string { return "the worker process ended (" + e.child.how() + ")" }

func (e *diedError) Unwrap() error { return e.cause }

// end ends the process, if it hasn't, and waits for that.
func (c *child) end() { c.endFor("") }

func (c *child) endFor(reason string) {
	c.killing.Do(func() {
		c.reason = reason
		_ = c.cmd.Process.Kill() // fails where it has ended
	})
	<-c.gone
}

func (c *child) ended() bool {
	select {
	case <-c.gone:
		return true
	default:
		return false
	}
}

// take gives a connection to the child, or nil when it has ended.
func (c *child) take(ctx context.Context) (*wire, error) {
	select {
	case w := <-c.free:
		return w, nil
	case <-c.gone:
		return nil, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// headBytes is how much is kept of what a child writes to stderr: the reason
// comes first, then the stacks of everything.
const headBytes = 4 << 10

// head keeps the beginning of what is written to it.
type head struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.buf.Write(p[:min(len(p), headBytes-h.buf.Len())])
	return len(p), nil
}

// first is the first line.
func (h *head) first() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	line, _, _ := strings.Cut(strings.TrimSpace(h.buf.String()), "\n")
	return line
}
