package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/confine"
	"github.com/assay-dev/assay/runtimes/engine"
)

// process is the place of a child. When the child ends unasked, what was running
// is a fault, and the next job starts another. It is safe for concurrent use.
type process struct {
	args  []string
	setup Setup
	tell  progress.Func
	first ready

	starting chan struct{} // held by whoever looks for the child, or starts one

	mu      sync.Mutex
	child   *child
	failing int // starts in a row that failed
	closing bool
}

// startProcess starts a child and waits until its guests are open.
func startProcess(ctx context.Context, args []string, s Setup, tell progress.Func) (*process, error) {
	s.Protocol = protocol
	s.Programs, s.Processors = max(s.Programs, 1), runtime.GOMAXPROCS(0)
	p := &process{args: args, setup: s, tell: tell, starting: make(chan struct{}, 1)}
	child, err := p.start(ctx)
	var died *diedError
	if errors.As(err, &died) {
		tell.Notice("the worker process ended (" + died.child.how() + ") while it started: another is tried")
		child, err = p.start(ctx)
	}
	if err != nil {
		return nil, err
	}
	p.child, p.first = child, child.about
	return p, nil
}

// About says what runs the jobs.
func (p *process) About() About { return p.first.About }

// walls says which walls stand around the child.
func (p *process) walls() []confine.Wall { return p.first.Walls }

// failed is the child that err says ended under a job.
func (p *process) failed(err error) *child {
	var died *diedError
	if errors.As(err, &died) {
		return died.child
	}
	return nil
}

// Close ends the child. Jobs that are under way fail.
func (p *process) Close() error {
	p.mu.Lock()
	p.closing = true
	child := p.child
	p.mu.Unlock()
	if child != nil {
		child.end()
	}
	return nil
}

var errClosed = errors.New("the worker process is closed")

// maxFailed is how many starts in a row may fail before none is tried any more.
const maxFailed = 3

// running gives the child, and starts one where the last has ended.
func (p *process) running(ctx context.Context) (*child, error) {
	select {
	case p.starting <- struct{}{}:
		defer func() { <-p.starting }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	p.mu.Lock()
	child, failed, closing := p.child, p.failing, p.closing
	p.mu.Unlock()
	switch {
	case closing:
		return nil, errClosed
	case !child.ended():
		return child, nil
	case failed >= maxFailed:
		return nil, fmt.Errorf("the worker process could not be started again, %d times in a row", failed)
	}
	p.tell.Notice("the worker process ended (" + child.how() + "): another is started, and runs again what was running")
	next, err := p.start(ctx)
	if err == nil && next.about.About != p.first.About {
		next.end()
		err = errors.New("the worker process came back with other guests: the executable or the cache was changed")
	}
	return p.replace(ctx, next, err)
}

// replace notes how a start went.
func (p *process) replace(ctx context.Context, next *child, err error) (*child, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err != nil && ctx.Err() == nil:
		p.failing++
		return nil, fmt.Errorf("starting the worker process again: %v", err) // its end is no program's doing
	case err != nil:
		return nil, err
	case p.closing:
		next.end()
		return nil, errClosed
	}
	p.child, p.failing = next, 0
	return next, nil
}

// start starts a child and waits for its guests.
func (p *process) start(ctx context.Context) (*child, error) {
	c, err := spawn(p.args, 1+p.setup.Programs)
	if err != nil {
		return nil, fmt.Errorf("starting the worker process: %w", err)
	}
	if c.patience = stopWait; p.setup.For == runtimes.Wasm {
		c.patience = stopWaitModule
		c.compiling.Store(true)
	}
	stop := context.AfterFunc(ctx, c.end)
	err = c.open(p.setup, p.tell)
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

var requests atomic.Uint64

// Run has the child run a job with all its limits, once.
func (p *process) Run(ctx context.Context, job *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	t := &transit{request: request{Job: job}, emit: emit, tell: p.tell}
	for {
		child, err := p.running(ctx)
		if err != nil {
			return runtimes.Outcome{}, err
		}
		w, err := child.take(ctx)
		if err != nil {
			return runtimes.Outcome{}, err
		}
		if w != nil {
			return child.run(ctx, w, t)
		}
	}
}

// transit is a job on its way.
type transit struct {
	request
	emit func(runtimes.Result) bool
	tell progress.Func

	stopped bool // by emit
	ended   done
	tally   tally
}

// How long a child may take to end a job that was given up: a guest stops within a
// millisecond. Programs of others may run in Python's, and are run again then; only
// those of one module in another, which may be compiling still.
var (
	stopWait       = 1500 * time.Millisecond
	stopWaitModule = time.Second
)

// run sends the job over w, which is free again when all went well.
func (c *child) run(ctx context.Context, w *wire, t *transit) (runtimes.Outcome, error) {
	t.Number = requests.Add(1)
	t.tally = newTally(t.Job)
	leave := c.cpu.enter(budget(t.Job))
	defer leave()
	if err := w.send(kindJob, t.request); err != nil {
		return runtimes.Outcome{}, c.died(err)
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
	case died != nil || errors.As(err, &died):
		if limit := c.overLimit(); limit != "" {
			err, t.ended = nil, done{Outcome: runtimes.Outcome{Kind: runtimes.CompileLimit, Detail: limit}}
		}
	}
	if !c.ended() {
		c.free <- w
	}
	if err != nil {
		return runtimes.Outcome{}, err
	}
	switch {
	case t.ended.Missing:
		return runtimes.Outcome{}, fmt.Errorf("%w: %s", engine.ErrMissing, t.ended.Fault)
	case t.ended.Fault != "":
		return runtimes.Outcome{}, errors.New(t.ended.Fault)
	}
	return t.ended.Outcome, nil
}

// watch tells the child when ctx is done, until over. A child that then doesn't
// end the job is ended itself.
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
		wait := time.NewTimer(c.patience)
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

// receive takes what the child says until the job is done. An error means
// that the child is gone or not to be trusted: it has been ended.
func (t *transit) receive(c *child, w *wire) error {
	for {
		kind, body, err := w.receive(mostAnswer(t.Job))
		if err != nil && !errors.Is(err, errLength) {
			return c.died(err)
		}
		switch {
		case err != nil:
		case kind == kindResults && t.Job.Mode == runtimes.ModeCases:
			err = t.results(w, body)
			c.cpu.progress()
		case kind == kindProgress:
			var told stage
			if err = runtimes.Decode(body, &told); err == nil {
				t.tell.Stage(told.Stage, told.Done, told.Total)
			}
			c.cpu.progress() // compiling takes longer than one grant
		case kind == kindCompiled:
			c.compiling.Store(false)
		case kind == kindDone:
			if err = runtimes.Decode(body, &t.ended); err == nil && t.ended.Fault == "" {
				err = checkOutcome(&t.ended.Outcome, t.Job)
			}
			if err == nil {
				return nil
			}
		default:
			err = fmt.Errorf("%q is no answer", kind)
		}
		if err != nil {
			c.endFor("it said what no worker says: " + err.Error())
			return c.died(err)
		}
	}
}

// large is held by whoever reads results of more than largeBytes: they are taken
// one after the other, so that many workers need no more memory than one.
var large sync.Mutex

const largeBytes = 2 << 20

// results takes a batch.
func (t *transit) results(w *wire, body []byte) error {
	if len(body) > largeBytes {
		large.Lock()
		defer large.Unlock()
	}
	var batch []runtimes.Result
	if err := runtimes.Decode(body, &batch); err != nil {
		return err
	}
	return t.take(w, batch)
}

// take passes results on to emit.
func (t *transit) take(w *wire, batch []runtimes.Result) error {
	for _, r := range batch {
		var err error
		if r.Input, err = t.tally.add(r); err != nil {
			return err
		}
		if !t.stopped && !t.emit(r) {
			t.stopped = true
			_ = w.sendStop(t.Number) // where that fails the child is gone, and what it would say of no account
		}
	}
	return nil
}

// tally counts the results of a job, and refuses those that no worker gives:
// a result of no input, too much memory, fuel that runs backwards or beyond
// the budgets. So a job has an end, whatever the child says.
type tally struct {
	job   *runtimes.Job
	whole int    // inputs whose results were all there
	total uint64 // fuel used
	most  uint64 // fuel granted so far
}

func newTally(j *runtimes.Job) tally {
	t := tally{job: j, most: j.Limits.LoadFuel}
	t.grant()
	return t
}

// grant adds the budget of the next input.
func (t *tally) grant() {
	if t.whole == len(t.job.Inputs) {
		return
	}
	fuel := t.job.Inputs[t.whole].Fuel
	if fuel == 0 {
		fuel = t.job.Limits.CallFuel
	}
	if t.most += fuel; t.most < fuel {
		t.most = 1<<64 - 1
	}
}

// add counts r and says to which input it belongs.
func (t *tally) add(r runtimes.Result) (input int, err error) {
	switch {
	case t.whole >= len(t.job.Inputs):
		return 0, fmt.Errorf("more than %d results", len(t.job.Inputs))
	case r.Total <= t.total || r.Total > t.most:
		return 0, fmt.Errorf("a result after %d fuel, with %d used before and %d granted", r.Total, t.total, t.most)
	case r.Pages > maxPages:
		return 0, fmt.Errorf("%d pages of memory", r.Pages)
	case uint64(len(r.Raw)) > t.job.Limits.ValueBytes:
		return 0, fmt.Errorf("a value of %d bytes; at most %d", len(r.Raw), t.job.Limits.ValueBytes)
	}
	input, t.total = t.whole, r.Total
	if !r.More {
		t.whole++
		t.grant()
	}
	return input, nil
}

// budget is the most fuel that a job may use until something comes of it: until
// it ends, or for cases until the next result.
func budget(j *runtimes.Job) uint64 {
	most := j.Limits.CallFuel
	for i := range j.Inputs {
		most = max(most, j.Inputs[i].Fuel)
	}
	return j.Limits.LoadFuel + most + j.Script.Fuel + j.Tests.Fuel
}

// mostAnswer bounds a frame of the answer, in bytes: one value beside a batch,
// or what two programs wrote and raised.
func mostAnswer(j *runtimes.Job) uint64 {
	return j.Limits.ValueBytes + 4*j.Limits.OutputBytes + 16<<20
}

// maxPages is the most linear memory there is, pages of 64 KiB.
const maxPages = 65536

// checkOutcome refuses what no worker says of a job.
func checkOutcome(o *runtimes.Outcome, j *runtimes.Job) error {
	switch {
	case !o.Kind.Known():
		return fmt.Errorf("an outcome called %q", o.Kind)
	case o.Pages > maxPages:
		return fmt.Errorf("%d pages of memory", o.Pages)
	case uint64(max(len(o.Stdout), len(o.Stderr))) > j.Limits.OutputBytes:
		return fmt.Errorf("%d and %d bytes of output; at most %d", len(o.Stdout), len(o.Stderr), j.Limits.OutputBytes)
	case max(len(o.Tests), len(o.Names)) > runtimes.MaxTests:
		return fmt.Errorf("more than %d unit tests", runtimes.MaxTests)
	case slices.ContainsFunc(o.Tests, func(r runtimes.TestResult) bool { return !r.Outcome.Known() }):
		return errors.New("a unit test with an outcome that there is not")
	case o.Transcript != nil && !j.Script.Record:
		return errors.New("a transcript that nobody asked for")
	case (o.Test != nil) != (j.Mode == runtimes.ModeScript):
		return errors.New("an outcome of a script where there is none, or none where there is one")
	case o.Test != nil && o.Kind == runtimes.OK:
		inner := *j
		inner.Mode = runtimes.ModeMain
		return checkOutcome(o.Test, &inner)
	}
	return nil
}
