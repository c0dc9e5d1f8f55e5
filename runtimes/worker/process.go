package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/assay-dev/assay/runtimes/confine"
)

// Config of a Process.
type Config struct {
	Args  []string // of this executable in the child, from 0 on: they must lead to Serve
	Setup Setup

	Progress func(stage string, done, total int64) // of opening the runtime; may be nil
	Notice   func(string)                          // told of each child that ended; may be nil
}

// Process is a runtime in a child. When the child ends unasked, what was
// running is a fault, and the next call starts another. It is safe for
// concurrent use.
type Process struct {
	config Config
	about  ready

	starting chan struct{} // held by whoever looks for the child, or starts one
	suspects suspects

	mu      sync.Mutex
	child   *child
	failed  int // starts in a row that failed
	closing bool
}

// Open starts a child and waits until its runtime is open.
func Open(ctx context.Context, c Config) (*Process, error) {
	if c.Progress == nil {
		c.Progress = func(string, int64, int64) {}
	}
	if c.Notice == nil {
		c.Notice = func(string) {}
	}
	c.Setup.Protocol = protocol
	c.Setup.Programs = max(c.Setup.Programs, 1)
	p := &Process{config: c, starting: make(chan struct{}, 1)}
	child, err := p.start(ctx)
	var died *diedError
	if errors.As(err, &died) {
		c.Notice("the engine process ended (" + died.child.how() + ") while it started: another is tried")
		child, err = p.start(ctx)
	}
	if err != nil {
		return nil, err
	}
	p.child, p.about = child, child.about
	return p, nil
}

// Walls says which walls stand around a child on this machine, without opening
// a runtime.
func Walls(ctx context.Context, args []string) ([]confine.Wall, error) {
	p, err := Open(ctx, Config{Args: args, Setup: Setup{Probe: true}})
	if err != nil {
		return nil, err
	}
	return p.Walls(), p.Close()
}

// Name is what people call the runtime.
func (p *Process) Name() string { return p.about.Name }

// Identity is the runtime's.
func (p *Process) Identity() string { return p.about.Identity }

// Walls says which walls stand around the child.
func (p *Process) Walls() []confine.Wall { return p.about.Walls }

// Close ends the child. Calls that are under way fail.
func (p *Process) Close() error {
	p.mu.Lock()
	p.closing = true
	child := p.child
	p.mu.Unlock()
	if child != nil {
		child.end()
	}
	return nil
}

var errClosed = errors.New("the engine process is closed")

// maxFailed is how many starts in a row may fail before none is tried any more.
const maxFailed = 3

// running gives the child, and starts one where the last has ended.
func (p *Process) running(ctx context.Context) (*child, error) {
	select {
	case p.starting <- struct{}{}:
		defer func() { <-p.starting }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	p.mu.Lock()
	child, failed, closing := p.child, p.failed, p.closing
	p.mu.Unlock()
	switch {
	case closing:
		return nil, errClosed
	case !child.ended():
		return child, nil
	case failed >= maxFailed:
		return nil, fmt.Errorf("the engine process could not be started again, %d times in a row", failed)
	}
	p.config.Notice("the engine process ended (" + child.how() + "): another is started, and runs again what was running")
	next, err := p.start(ctx)
	if err == nil && next.about.Identity != p.about.Identity {
		next.end()
		err = errors.New("the engine process came back with another runtime: the executable or the cache was changed")
	}
	return p.replace(ctx, next, err)
}

// replace notes how a start went.
func (p *Process) replace(ctx context.Context, next *child, err error) (*child, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err != nil && ctx.Err() == nil:
		p.failed++
		return nil, fmt.Errorf("starting the engine process again: %v", err) // its end is no program's doing
	case err != nil:
		return nil, err
	case p.closing:
		next.end()
		return nil, errClosed
	}
	p.child, p.failed = next, 0
	return next, nil
}

// start starts a child and waits for its runtime.
func (p *Process) start(ctx context.Context) (*child, error) {
	c, err := spawn(p.config.Args, 1+p.config.Setup.Programs)
	if err != nil {
		return nil, fmt.Errorf("starting the engine process: %w", err)
	}
	stop := context.AfterFunc(ctx, c.end)
	err = c.open(p.config.Setup, p.config.Progress)
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		c.end()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	return c, nil
}
