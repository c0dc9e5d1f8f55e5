package worker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/wasi"
	"github.com/assay-dev/assay/runtimes/wasm"
)

// What a process may take to compile a module. These are walls behind the bounds on
// modules, which are counted and always come first for the engines that there are:
// whatever is within the bounds takes a sixth of the time and half of the memory.
var (
	compileTime   = 60 * time.Second // of the processor
	compileMemory = int64(2 << 30)   // bytes
)

// watchEvery is how often a compilation is looked at.
const watchEvery = 20 * time.Millisecond

// limitError is the end of a compilation at one of its limits.
type limitError struct{ text string }

func (e *limitError) Error() string { return e.text }

// compile makes a module ready in a process of its own. At a limit it gives up,
// though the engine, which nothing can stop, goes on until the process is ended.
func (g *moduleGuests) compile(ctx context.Context, source string, tell progress.Func) (*wasi.Command, error) {
	if g.host.Seal == nil {
		return wasi.Compile(ctx, g.engine, []byte(source), tell)
	}
	type made struct {
		command *wasi.Command
		err     error
	}
	done := make(chan made, 1)
	before := taken()
	go func() {
		c, err := wasi.Compile(ctx, g.engine, []byte(source), tell)
		done <- made{c, err}
	}()
	look := time.NewTicker(watchEvery)
	defer look.Stop()
	for {
		select {
		case m := <-done:
			return m.command, m.err
		case <-look.C:
		}
		switch now := taken(); {
		case now.time-before.time > compileTime:
			return nil, &limitError{fmt.Sprintf("more than %s of processor time to compile", compileTime)}
		case now.memory-before.memory > compileMemory:
			return nil, &limitError{fmt.Sprintf("more than %s of memory to compile", humanize.Bytes(compileMemory))}
		}
	}
}

// use is what a process has taken.
type use struct {
	time   time.Duration // of the processor
	memory int64         // bytes at most
}

// refusal is the outcome of a module that can't be run, nil where err is something
// else.
func refusal(err error) *runtimes.Outcome {
	var limit *limitError
	var invalid *wasm.Error
	switch {
	case errors.As(err, &limit):
		return &runtimes.Outcome{Kind: runtimes.CompileLimit, Detail: limit.text}
	case errors.As(err, &invalid) && invalid.Kind == wasm.ErrTooMuch:
		return &runtimes.Outcome{Kind: runtimes.CompileLimit, Detail: invalid.Error()}
	case errors.Is(err, wasi.ErrModule):
		return &runtimes.Outcome{Kind: runtimes.SyntaxError, Exception: &runtimes.ExceptionInfo{Type: "invalid module", Message: err.Error()}}
	}
	return nil
}

// overLimit says which limit of its process a compilation went over that ended it;
// "" where it ended in another way.
func (c *child) overLimit() string {
	if !c.compiling.Load() {
		return ""
	}
	switch how := c.how(); {
	case strings.Contains(how, "CPU time limit exceeded"):
		return "more processor time to compile than its process has"
	case strings.Contains(how, "out of memory"), strings.Contains(how, "memory allocation of"):
		return "more memory to compile than its process has"
	}
	return ""
}
