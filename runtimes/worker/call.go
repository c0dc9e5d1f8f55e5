package worker

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python"
)

// RunCases as Runtime has it.
func (p *Process) RunCases(ctx context.Context, prog python.Program, inputs []python.Input, lim runtimes.Limits, visit func(i int, r python.Result) bool) (runtimes.Outcome, error) {
	c := &call{Method: runCases, Program: prog, Limits: lim, Inputs: make([][]byte, len(inputs)), Fuel: make([]uint64, len(inputs))}
	for i, in := range inputs {
		c.Inputs[i], c.Fuel[i] = in.Args, in.Fuel
	}
	d, err := p.do(ctx, c, visit)
	return d.Outcome, err
}

// Compile as Runtime has it.
func (p *Process) Compile(ctx context.Context, s python.Script) ([]byte, error) {
	d, err := p.do(ctx, &call{Method: compile, Script: s}, nil)
	return d.Compiled, err
}

// RunScript as Runtime has it.
func (p *Process) RunScript(ctx context.Context, s python.Script, prog python.Program, lim runtimes.Limits) (python.ScriptOutcome, error) {
	d, err := p.do(ctx, &call{Method: runScript, Script: s, Program: prog, Limits: lim}, nil)
	return python.ScriptOutcome{Candidate: d.Outcome, Test: d.Test, Calls: d.Calls, Transcript: d.Transcript}, err
}

// RunShared as Runtime has it.
func (p *Process) RunShared(ctx context.Context, prog python.Program, s python.Script, lim runtimes.Limits) (runtimes.Outcome, error) {
	d, err := p.do(ctx, &call{Method: runShared, Script: s, Program: prog, Limits: lim}, nil)
	return d.Outcome, err
}

// RunTests as Runtime has it.
func (p *Process) RunTests(ctx context.Context, prog python.Program, t python.Tests, lim runtimes.Limits) (python.TestsOutcome, error) {
	d, err := p.do(ctx, &call{Method: runTests, Program: prog, Tests: t, Limits: lim}, nil)
	return python.TestsOutcome{Outcome: d.Outcome, Results: d.Results}, err
}

// TestNames as Runtime has it.
func (p *Process) TestNames(ctx context.Context, t python.Tests) ([]string, error) {
	d, err := p.do(ctx, &call{Method: testNames, Tests: t}, nil)
	return d.Names, err
}

// RunMain as Runtime has it.
func (p *Process) RunMain(ctx context.Context, prog python.Program, args []string, stdin []byte, lim runtimes.Limits) (runtimes.Outcome, error) {
	d, err := p.do(ctx, &call{Method: runMain, Program: prog, Argv: args, Stdin: stdin, Limits: lim}, nil)
	return d.Outcome, err
}

var calls atomic.Uint64

// do makes a call, and makes it again when the child ended under it. Results
// are the same every time, so those that visit has seen are passed over.
func (p *Process) do(ctx context.Context, c *call, visit func(int, python.Result) bool) (done, error) {
	c.Limits = c.Limits.WithDefaults()
	t := &transit{call: c, visit: visit}
	var fault error
	for {
		leave, ok := p.suspects.enter(c.key())
		if !ok {
			if fault == nil {
				fault = errors.New("not run again")
			}
			return done{}, fmt.Errorf("the engine process ended twice with this program running: %w", fault)
		}
		d, err := p.once(ctx, t)
		var died *diedError
		if !errors.As(err, &died) {
			leave(nil)
			return d, err
		}
		leave(died.child)
		fault = err
	}
}

func (p *Process) once(ctx context.Context, t *transit) (done, error) {
	for {
		child, err := p.running(ctx)
		if err != nil {
			return done{}, err
		}
		w, err := child.take(ctx)
		if err != nil {
			return done{}, err
		}
		if w != nil {
			return child.run(ctx, w, t)
		}
	}
}

// transit is a call on its way.
type transit struct {
	*call
	visit func(int, python.Result) bool
	seen  int // results that visit has had

	stopped bool // by visit
	ended   done
	tally   tally
}

// stopWait is how long a child may take to end a call that was given up.
var stopWait = 10 * time.Second

// run makes the call over w, which is free again when all went well.
func (c *child) run(ctx context.Context, w *wire, t *transit) (done, error) {
	t.Number = calls.Add(1)
	t.tally, t.ended = newTally(t.call), done{}
	leave := c.cpu.enter(t.budget())
	defer leave()
	if err := w.send(kindCall, t.call); err != nil {
		return done{}, c.died(err)
	}
	over := c.watch(ctx, w, t.Number)
	err := t.receive(c, w)
	over()
	var died *diedError
	switch {
	case t.stopped && (t.ended.Fault == "" || t.ended.Stopped) && (err == nil || errors.As(err, &died)):
		err, t.ended = nil, done{Outcome: runtimes.Outcome{Kind: runtimes.OK}}
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	}
	if !c.ended() {
		c.free <- w
	}
	if err != nil {
		return done{}, err
	}
	if t.ended.Fault != "" {
		return done{}, errors.New(t.ended.Fault)
	}
	return t.ended, nil
}

// watch tells the child when ctx is done, until over. A child that then doesn't
// end the call is ended itself.
func (c *child) watch(ctx context.Context, w *wire, number uint64) (over func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	finished := make(chan struct{})
	sent := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(sent)
		if w.sendStop(number) != nil {
			return
		}
		wait := time.NewTimer(stopWait)
		defer wait.Stop()
		select {
		case <-finished:
		case <-wait.C:
			c.end()
		}
	})
	return func() {
		close(finished)
		if !stop() {
			<-sent
		}
	}
}

// receive takes what the child says until the call is done. An error means
// that the child is gone or not to be trusted: it has been ended.
func (t *transit) receive(c *child, w *wire) error {
	for n := 0; ; {
		kind, body, err := w.receive(t.mostAnswer())
		if err != nil && !errors.Is(err, errLength) {
			return c.died(err)
		}
		switch {
		case err != nil:
		case kind == kindResults && t.Method == runCases:
			var batch []result
			if err = decoding.Unmarshal(body, &batch); err == nil {
				n, err = t.take(w, batch, n)
			}
			c.cpu.progress()
		case kind == kindDone:
			if err = decoding.Unmarshal(body, &t.ended); err == nil && t.ended.Fault == "" {
				err = t.ended.check(t.call)
			}
			if err == nil {
				return nil
			}
		default:
			err = fmt.Errorf("%q is no answer", kind)
		}
		if err != nil {
			c.endFor("it said what no runtime says: " + err.Error())
			return c.died(err)
		}
	}
}

// take passes results on to visit, the n-th of this call first.
func (t *transit) take(w *wire, batch []result, n int) (int, error) {
	for _, r := range batch {
		input, err := t.tally.add(r)
		if err != nil {
			return n, err
		}
		if n++; t.stopped || n <= t.seen {
			continue
		}
		t.seen = n
		if !t.visit(input, python.Result{More: r.More, Tagged: r.Tagged, Raw: r.Raw, Fuel: r.Fuel, Total: r.Total, Pages: r.Pages}) {
			t.stopped = true
			_ = w.sendStop(t.Number) // where that fails the child is gone, and what it would say of no account
		}
	}
	return n, nil
}
