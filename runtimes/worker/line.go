package worker

import (
	"bytes"
	"context"
	"errors"
	"os"
	"sync"

	"github.com/assay-dev/assay/runtimes/python"
)

// line serves one connection: a call at a time.
type line struct {
	runtime Runtime
	wire    *wire

	mu     sync.Mutex
	number uint64 // of the call under way
	cancel context.CancelFunc
}

// begun is a call that can be stopped.
type begun struct {
	*call
	ctx context.Context
}

// serve answers calls until the parent hangs up, which ends the process.
func (l *line) serve() {
	calls := make(chan begun)
	go l.listen(calls)
	for c := range calls {
		d := l.answer(c.ctx, c.call)
		l.stop(c.Number)
		if err := l.wire.send(kindDone, d); err != nil {
			os.Exit(1)
		}
	}
}

// listen takes what the parent sends; a stop doesn't wait for the call's end.
func (l *line) listen(calls chan<- begun) {
	for {
		kind, body, err := l.wire.receive(1<<32 - 1)
		if err != nil {
			os.Exit(0)
		}
		switch kind {
		case kindCall:
			c := &call{}
			if err = decoding.Unmarshal(body, c); err == nil {
				calls <- begun{c, l.begin(c.Number)}
			}
		case kindStop:
			var number uint64
			if err = decoding.Unmarshal(body, &number); err == nil {
				l.stop(number)
			}
		}
		if err != nil {
			panic(err) // the parent is the same executable
		}
	}
}

func (l *line) begin(number uint64) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number, l.cancel = number, cancel
	return ctx
}

// stop ends a call, unless it is another already.
func (l *line) stop(number uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.number == number {
		l.cancel()
	}
}

func (l *line) answer(ctx context.Context, c *call) *done {
	d, err := &done{}, error(nil)
	switch c.Method {
	case runCases:
		b := &batch{wire: l.wire}
		d.Outcome, err = l.runtime.RunCases(ctx, c.Program, c.inputs(), c.Limits, b.add)
		err = errors.Join(err, b.flush())
	case compile:
		d.Compiled, err = l.runtime.Compile(ctx, c.Script)
	case runScript:
		var o python.ScriptOutcome
		o, err = l.runtime.RunScript(ctx, c.Script, c.Program, c.Limits)
		d.Outcome, d.Test, d.Calls, d.Transcript = o.Candidate, o.Test, o.Calls, o.Transcript
	case runShared:
		d.Outcome, err = l.runtime.RunShared(ctx, c.Program, c.Script, c.Limits)
	case runTests:
		var o python.TestsOutcome
		o, err = l.runtime.RunTests(ctx, c.Program, c.Tests, c.Limits)
		d.Outcome, d.Results = o.Outcome, o.Results
	case testNames:
		d.Names, err = l.runtime.TestNames(ctx, c.Tests)
	case runMain:
		d.Outcome, err = l.runtime.RunMain(ctx, c.Program, c.Argv, c.Stdin, c.Limits)
	}
	if err != nil {
		return &done{Fault: err.Error(), Stopped: errors.Is(err, context.Canceled)}
	}
	return d
}

func (c *call) inputs() []python.Input {
	inputs := make([]python.Input, len(c.Inputs))
	for i := range inputs {
		inputs[i] = python.Input{Args: c.Inputs[i], Fuel: c.Fuel[i]}
	}
	return inputs
}

// A batch is sent when it has so many bytes, or when so much fuel was used since
// the last: never by the clock. The guest runs ahead of the comparison by as
// much, a millisecond or so.
const (
	batchBytes = 64 << 10
	batchFuel  = 5_000_000
)

// batch collects results.
type batch struct {
	wire    *wire
	results []result
	bytes   int
	mark    uint64 // fuel used when the last batch was sent
	err     error
}

// add takes one result; false when nobody listens.
func (b *batch) add(_ int, r python.Result) bool {
	raw := r.Raw
	if len(raw) < batchBytes {
		raw = bytes.Clone(raw) // a longer one is sent at once
	}
	b.results = append(b.results, result{More: r.More, Tagged: r.Tagged, Raw: raw, Fuel: r.Fuel, Total: r.Total, Pages: r.Pages})
	b.bytes += len(raw)
	if b.bytes >= batchBytes || r.Total-b.mark >= batchFuel {
		b.mark = r.Total
		_ = b.flush() // told again at the end
	}
	return b.err == nil
}

func (b *batch) flush() error {
	if b.err == nil && len(b.results) > 0 {
		b.err = b.wire.send(kindResults, b.results)
		clear(b.results)
		b.results, b.bytes = b.results[:0], 0
	}
	return b.err
}
