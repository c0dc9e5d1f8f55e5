package python

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

// script runs the test in a trusted instance. There the name Entry is a
// stand-in: each call of it travels through the host into the candidate's
// instance, and the value that comes back is decoded and encoded anew. What a
// call does to its arguments does not travel back. A candidate that fails ends
// both.
func (r *Runtime) script(ctx context.Context, lim runtimes.Limits, job *runtimes.Job) (runtimes.Outcome, error) {
	s := job.Script
	if s.Compiled == nil {
		out, err := r.inspect(ctx, runtimes.Limits{}.WithDefaults(), &runtimes.Job{Script: s})
		if err == nil && out.Kind != runtimes.OK {
			err = fmt.Errorf("compiling the test of a script ended with %s", out.Kind)
		}
		if err != nil {
			return runtimes.Outcome{}, err
		}
		s.Compiled = out.Compiled
	}
	select {
	case r.scripts <- struct{}{}:
	case <-ctx.Done():
		return runtimes.Outcome{}, context.Cause(ctx)
	}
	defer func() { <-r.scripts }()
	candidate, err := r.take(ctx, lim, job.Program)
	if err != nil {
		return runtimes.Outcome{}, err
	}
	return r.converse(ctx, s, job.Program, candidate)
}

// converse runs both sides. The candidate has a goroutine of its own and waits
// there between calls; only one side runs at a time, and the test's does not
// start before it has something to ask or to hear that the transcript lacks.
func (r *Runtime) converse(ctx context.Context, s runtimes.Script, p runtimes.Program, candidate *vm) (runtimes.Outcome, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	line := &line{calls: make(chan []byte), replies: make(chan []byte), gone: make(chan struct{}), ctx: ctx}
	c := &callee{vm: candidate, line: line, rehearsal: rehearsal(s.Transcript, candidate.limits)}
	t := &caller{line: line, known: s.Transcript, record: newRecorder(s)}
	var out, test runtimes.Outcome
	var candidateErr error
	var done sync.WaitGroup
	done.Go(func() {
		defer close(line.gone)
		out, candidateErr = r.runCandidate(ctx, p, c)
	})
	var testErr error
	test, testErr = r.runTest(ctx, s, candidate.limits, t)
	close(line.calls)
	done.Wait()
	if candidateErr != nil {
		return runtimes.Outcome{}, candidateErr
	}
	if testErr != nil {
		return runtimes.Outcome{}, testErr
	}
	out.Calls = max(t.calls, line.rehearsed)
	switch {
	case line.agreed: // so the test ends as it ended then
		test = runtimes.Outcome{Kind: runtimes.OK}
	case test.Kind == runtimes.BadValue: // the test compared what the candidate gave it
		out.Kind, out.Detail = test.Kind, test.Detail
	case out.Kind == runtimes.OK && test.Kind == runtimes.OK:
		out.Transcript = t.record.finish(test)
	}
	out.Test = &test
	return out, nil
}

// line connects the two sides.
type line struct {
	ctx     context.Context
	calls   chan []byte   // bodies of calls; closed when there are no more
	replies chan []byte   // bodies of answers; the first one says that the program was loaded
	gone    chan struct{} // closed when the candidate has ended

	// Set by the candidate's side before it first sends or is gone.
	rehearsed int  // calls that the transcript made
	agreed    bool // to all of it the candidate gave the answers that stand there
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
func (r *Runtime) runCandidate(ctx context.Context, p runtimes.Program, c *callee) (runtimes.Outcome, error) {
	c.sources = ownSources(p)
	first := c.job("calls", value.Bytes(p.Source), value.Str(filename(p)), value.Str(p.Entry))
	return r.run(ctx, c.vm, c.handle, first)
}

// callee is the candidate's side.
type callee struct {
	*vm
	line      *line
	rehearsal []runtimes.Exchange // of the transcript, what has not been said yet
	expected  []byte              // the answer that stands there to the last call
	busy      bool                // a call waits for its result
	asked     bool                // for the last result again, tagged
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
		return c.result(runtimes.Result{Raw: f.body})
	case f.word == wordTagged && c.busy:
		return c.result(runtimes.Result{Raw: f.body, Tagged: true})
	}
	return c.failed(f)
}

// result sends a value on, in an encoding of our own making.
func (c *callee) result(res runtimes.Result) (reply, error) {
	c.asked = false
	lim := c.limits
	val, err := value.DecodeFrame(value.NewMeter(c.line.ctx, len(res.Raw)), res.Raw, res.Tagged, lim.ValueBytes, lim.ValueNodes, lim.ValueDepth)
	switch {
	case c.line.ctx.Err() != nil:
		return reply{}, context.Cause(c.line.ctx)
	case errors.Is(err, value.ErrSteps):
		return c.over(runtimes.Outcome{Kind: runtimes.OutOfFuel, Detail: "reading the answer took " + err.Error()})
	case errors.Is(err, value.ErrBounds), errors.Is(err, value.ErrForeign):
		return c.over(runtimes.Outcome{Kind: runtimes.BadValue, Detail: err.Error()})
	case err != nil: // the driver writes what can be read
		return c.forged(err.Error())
	}
	return c.answer(formed(val))
}

// answer takes what the candidate answered and gives it the next call.
func (c *callee) answer(body []byte) (reply, error) {
	call, ok := c.nextCall(body)
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

// nextCall asks the transcript, as long as it is the test's word; then the test.
func (c *callee) nextCall(body []byte) (call []byte, ok bool) {
	if c.rehearsal != nil && bytes.Equal(body, c.expected) {
		if len(c.rehearsal) == 0 {
			c.line.agreed = true
			return nil, false
		}
		next := c.rehearsal[0]
		c.rehearsal, c.expected = c.rehearsal[1:], next.Answer
		c.line.rehearsed++
		return next.Call, true
	}
	c.rehearsal = nil
	if !c.line.send(c.line.replies, body) {
		return nil, false
	}
	return c.line.receive(c.line.calls)
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

// caller is the test's side.
type caller struct {
	*vm
	line   *line
	known  *runtimes.Transcript // what it said before, and heard
	first  []byte               // the first answer that it did not hear before
	calls  int
	record *recorder
}

// runTest runs the test once the candidate has something to say that is not in
// the transcript: that it is loaded, or another answer.
func (r *Runtime) runTest(ctx context.Context, s runtimes.Script, lim runtimes.Limits, t *caller) (runtimes.Outcome, error) {
	var ok bool
	if t.first, ok = t.line.receive(t.line.replies); !ok {
		return runtimes.Outcome{}, nil
	}
	var err error
	if t.vm, err = r.take(ctx, lim, runtimes.Program{Source: s.Test}); err != nil {
		return runtimes.Outcome{}, err
	}
	t.sources = sources{helpersFile: {text: s.Helpers}, testFile: {text: s.Test}}
	t.SetFuel(budget(s.Fuel, lim))
	first := t.job("script", value.Bytes(s.Compiled), value.Str(s.Entry))
	return r.run(ctx, t.vm, t.handle, first)
}

func (t *caller) handle(f frame) (reply, error) {
	switch f.word {
	case wordCall:
		t.calls++
		return t.call(bytes.Clone(f.body)) // its memory may go before the other side is done
	case wordDone:
		return t.over(runtimes.Outcome{Kind: runtimes.OK})
	}
	return t.failed(f)
}

// call finds the answer to a call: among those heard before, or at the candidate.
func (t *caller) call(body []byte) (reply, error) {
	answer, ok := t.first, true
	switch said := t.line.rehearsed; {
	case t.calls <= said && !bytes.Equal(body, t.known.Exchanges[t.calls-1].Call):
		return reply{}, errors.New("script: the test said something else than before")
	case t.calls < said:
		answer = t.known.Exchanges[t.calls-1].Answer
	case t.calls > said:
		if ok = t.line.send(t.line.calls, body); ok {
			answer, ok = t.line.receive(t.line.replies)
		}
	}
	if ok {
		t.record.add(body, answer)
		token := t.next()
		return reply{append(append([]byte{}, tripleHead...), token[:]...), answer}, nil
	}
	if err := context.Cause(t.line.ctx); err != nil {
		return reply{}, fmt.Errorf("script: %w", err)
	}
	return t.over(runtimes.Outcome{Kind: runtimes.OK}) // the candidate's outcome says why
}

// transcriptBytes is how long a transcript may be to be kept.
const transcriptBytes = 1 << 20

// recorder writes a transcript; nil where none is asked for.
type recorder struct {
	runtimes.Transcript
	left int // bytes
}

func newRecorder(s runtimes.Script) *recorder {
	if !s.Record {
		return nil
	}
	return &recorder{left: transcriptBytes}
}

func (r *recorder) add(call, answer []byte) {
	if r == nil {
		return
	}
	if r.left -= runtimes.ExchangeBytes + len(call) + len(answer); r.left >= 0 {
		r.Exchanges = append(r.Exchanges, runtimes.Exchange{Call: call, Answer: answer})
	}
}

// finish gives the transcript of a test that passed, if it is not too long.
func (r *recorder) finish(test runtimes.Outcome) *runtimes.Transcript {
	if r == nil || r.left < 0 {
		return nil
	}
	r.Pages, r.Output = test.Pages, uint64(len(test.Stdout)+len(test.Stderr))
	return &r.Transcript
}

// rehearsal is what is said in place of the test; nil where nothing was
// recorded, or where the test could hit these limits.
func rehearsal(t *runtimes.Transcript, lim runtimes.Limits) []runtimes.Exchange {
	if t == nil || uint64(t.Pages)*pageSize > lim.MemoryBytes || t.Output > lim.OutputBytes {
		return nil
	}
	return append([]runtimes.Exchange{}, t.Exchanges...)
}
