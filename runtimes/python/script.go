package python

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"assay/runtimes"
	"assay/runtimes/value"
)

// RunScript runs the test in a trusted instance. There the name Entry is a
// stand-in: each call of it travels through the host into the candidate's
// instance, and the value that comes back is decoded and encoded anew. What a
// call does to its arguments does not travel back. A candidate that fails ends
// both.
func (r *Runtime) RunScript(ctx context.Context, s Script, p Program, lim runtimes.Limits) (ScriptOutcome, error) {
	lim = lim.WithDefaults()
	if s.Compiled == nil {
		code, err := r.Compile(ctx, s)
		if err != nil {
			return ScriptOutcome{}, err
		}
		s.Compiled = code
	}
	candidate, test, err := r.takePair(ctx, lim, p.Source, s.Test)
	if err != nil {
		return ScriptOutcome{}, err
	}
	return r.converse(ctx, s, p, candidate, test)
}

// takePair takes two instances. One pair at a time: two callers with one each
// would wait for each other.
func (r *Runtime) takePair(ctx context.Context, lim runtimes.Limits, a, b string) (first, second *vm, err error) {
	r.pair.Lock()
	defer r.pair.Unlock()
	if first, err = r.take(ctx, lim, a); err != nil {
		return nil, nil, err
	}
	if second, err = r.take(ctx, lim, b); err != nil {
		r.pool.Put(first.Guest)
		return nil, nil, err
	}
	return first, second, nil
}

// converse runs both sides. The candidate has a goroutine of its own and waits
// there between calls; only one side runs at a time, once the program is loaded.
func (r *Runtime) converse(ctx context.Context, s Script, p Program, candidate, test *vm) (ScriptOutcome, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	line := &line{calls: make(chan []byte), replies: make(chan []byte), gone: make(chan struct{}), ctx: ctx}
	var out ScriptOutcome
	var candidateErr error
	var done sync.WaitGroup
	done.Go(func() {
		defer close(line.gone)
		out.Candidate, candidateErr = r.runCandidate(ctx, p, candidate, line)
	})
	var testErr error
	out.Test, testErr = r.runTest(ctx, s, test, line, &out.Calls)
	close(line.calls)
	done.Wait()
	if candidateErr != nil {
		return ScriptOutcome{}, candidateErr
	}
	if testErr != nil {
		return ScriptOutcome{}, testErr
	}
	if out.Test.Kind == runtimes.BadValue { // the test compared what the candidate gave it
		out.Candidate.Kind, out.Candidate.Detail = out.Test.Kind, out.Test.Detail
	}
	return out, nil
}

// line connects the two sides.
type line struct {
	ctx     context.Context
	calls   chan []byte   // bodies of calls; closed when there are no more
	replies chan []byte   // bodies of answers; the first one says that the program was loaded
	gone    chan struct{} // closed when the candidate has ended
}

// send waits until the other side took what is sent. False: it is gone.
func (l *line) send(to chan []byte, body []byte) bool {
	select {
	case to <- body:
		return true
	case <-l.gone:
		return false
	case <-l.ctx.Done():
		return false
	}
}

// receive waits for the other side. False: there is nothing more.
func (l *line) receive(from chan []byte) ([]byte, bool) {
	select {
	case body, ok := <-from:
		return body, ok
	case <-l.gone:
		return nil, false
	case <-l.ctx.Done():
		return nil, false
	}
}

// runCandidate answers calls until there are no more.
func (r *Runtime) runCandidate(ctx context.Context, p Program, v *vm, l *line) (runtimes.Outcome, error) {
	v.sources[p.filename()] = p.Source
	c := &callee{vm: v, line: l}
	first := v.job("calls", value.Bytes(p.Source), value.Str(p.filename()), value.Str(p.Entry))
	return r.run(ctx, v, c.handle, first)
}

// callee is the candidate's side.
type callee struct {
	*vm
	line  *line
	busy  bool // a call waits for its result
	asked bool // for the last result again, tagged
}

func (c *callee) handle(f frame) (reply, error) {
	switch {
	case f.word == wordLoaded && !c.busy:
		return c.answer(nil)
	case f.word == "" && c.busy && !c.asked:
		if ambiguous(f.body) {
			c.asked = true
			return again(c.vm.next()), nil
		}
		return c.result(Result{Raw: f.body})
	case f.word == wordTagged && c.busy:
		return c.result(Result{Raw: f.body, Tagged: true})
	}
	return c.failed(f)
}

// result sends a value on, in an encoding of our own making.
func (c *callee) result(res Result) (reply, error) {
	c.asked = false
	val, err := decodeResult(res, c.limits)
	switch {
	case errors.Is(err, value.ErrBounds):
		return c.over(runtimes.Outcome{Kind: runtimes.BadValue, Detail: err.Error()})
	case err != nil: // the driver writes what can be read
		return c.forged(err.Error())
	}
	return c.answer(formed(val))
}

// answer gives the test its answer and waits for the next call.
func (c *callee) answer(body []byte) (reply, error) {
	if !c.line.send(c.line.replies, body) {
		return reply{}, context.Cause(c.line.ctx)
	}
	call, ok := c.line.receive(c.line.calls)
	if err := context.Cause(c.line.ctx); err != nil {
		return reply{}, err
	}
	if !ok {
		return c.over(runtimes.Outcome{Kind: runtimes.OK})
	}
	c.busy = true
	c.SetFuel(c.limits.CallFuel)
	return answer(c.vm.next(), call), nil
}

// formed is the marshal bytes of ("plain", v), or of ("tagged", v's tagged form),
// without the tuple's own head.
func formed(v value.Value) []byte {
	raw, err := value.AppendMarshal(appendForm("plain"), v)
	if err != nil {
		return value.AppendTagged(appendForm("tagged"), v)
	}
	return raw
}

func appendForm(name string) []byte {
	raw, err := value.AppendMarshal(nil, value.Str(name))
	if err != nil {
		panic(err) // a string has a plain form
	}
	return raw
}

// runTest runs the test once the candidate's program is loaded.
func (r *Runtime) runTest(ctx context.Context, s Script, v *vm, l *line, calls *int) (runtimes.Outcome, error) {
	if _, ok := l.receive(l.replies); !ok {
		r.pool.Put(v.Guest)
		return runtimes.Outcome{}, nil
	}
	v.sources = map[string]string{helpersFile: s.Helpers, testFile: s.Test}
	v.SetFuel(s.fuel(v.limits))
	handle := func(f frame) (reply, error) {
		switch f.word {
		case wordCall:
			*calls++
			return v.forward(f, l)
		case wordDone:
			return v.over(runtimes.Outcome{Kind: runtimes.OK})
		}
		return v.failed(f)
	}
	first := v.job("script", value.Bytes(s.Compiled), value.Str(s.Entry))
	return r.run(ctx, v, handle, first)
}

// forward takes a call to the candidate and its answer back.
func (v *vm) forward(f frame, l *line) (reply, error) {
	if l.send(l.calls, bytes.Clone(f.body)) { // its memory may go before the other side is done
		if body, ok := l.receive(l.replies); ok {
			t := v.next()
			return reply{append(append([]byte{}, tripleHead...), t[:]...), body}, nil
		}
	}
	if err := context.Cause(l.ctx); err != nil {
		return reply{}, fmt.Errorf("script: %w", err)
	}
	return v.over(runtimes.Outcome{Kind: runtimes.OK}) // the candidate's outcome says why
}
