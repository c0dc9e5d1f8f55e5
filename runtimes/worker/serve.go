package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/confine"
	"github.com/assay-dev/assay/runtimes/engine"
)

// Opener opens guests in the process of a Host.
type Opener func(ctx context.Context, h Host) (Guests, error)

// Serve is the whole life of a worker process. It returns only with an error:
// when the parent hangs up, the process ends.
func Serve(open Opener) error {
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP) // a terminal's go to both; the parent decides
	control, err := accept(0)
	if err != nil {
		return errors.New("this command is how assay starts its worker process; it is of no use by itself")
	}
	kind, body, err := control.receive(maxControl)
	if err != nil {
		return fmt.Errorf("waiting for the setup: %w", err)
	}
	var s Setup
	if err := runtimes.Decode(body, &s); err != nil || kind != kindSetup || s.Protocol != protocol {
		return control.send(kindFailed, fmt.Sprintf("the worker process speaks %q, not %q", protocol, s.Protocol))
	}
	runtime.GOMAXPROCS(s.Processors)
	guests, wires, err := prepare(control, s, open)
	if err != nil {
		return errors.Join(control.send(kindFailed, err.Error()), hungUp(control))
	}
	about := ready{}
	if guests != nil {
		about.About = guests.About()
	}
	if !s.NoWalls {
		about.Walls = confine.Raise(confine.Limits{Memory: s.MemoryLimit(), Code: s.For == runtimes.Wasm})
	}
	for _, w := range wires {
		go (&line{guests: guests, wire: w}).serve()
	}
	if err := control.send(kindReady, about); err != nil {
		return err
	}
	return hungUp(control)
}

// Memory beside the guests', in bytes: what the host keeps for each program
// (values, output, its stack), and what there is before the first (code, an image,
// what Go keeps in hand).
const (
	besideEach = 1 << 30
	besideAll  = 1 << 30
	besideCode = 4 << 30 // of a module that is compiled in the process
)

// MemoryLimit is the most memory, in bytes, that the process may take: its wall, and
// what assay doctor says. A program in Python may be a pair of a candidate and its
// test; a module is one, and compiled in its process.
func (s Setup) MemoryLimit() uint64 {
	n := uint64(max(s.Programs, 1))
	if s.For == runtimes.Wasm {
		return n*(s.Memory+besideEach) + besideAll + besideCode
	}
	return n*(2*s.Memory+besideEach) + besideAll
}

// hungUp waits for the parent to go, and goes too.
func hungUp(control *wire) error {
	_, _ = io.Copy(io.Discard, control.in)
	os.Exit(0)
	return nil
}

func accept(n int) (*wire, error) {
	conn, err := connection(firstFile + n)
	if err != nil {
		return nil, err
	}
	return newWire(conn), nil
}

// prepare opens the connections and the guests.
func prepare(control *wire, s Setup, open Opener) (Guests, []*wire, error) {
	var wires []*wire
	for n := range s.Programs {
		w, err := accept(1 + n)
		if err != nil {
			return nil, nil, fmt.Errorf("connection %d: %w", n, err)
		}
		wires = append(wires, w)
	}
	if s.For == "" {
		return nil, wires, nil
	}
	h := Host{Setup: s, Tell: tellOver(control), Seal: confine.Seal}
	if s.NoWalls {
		h.Seal = func() error { return nil }
	}
	guests, err := open(context.Background(), h)
	return guests, wires, err
}

// tellEvery is how often progress is told of within a stage.
const tellEvery = 50 * time.Millisecond

// tellOver sends progress to the parent. Nothing else may be sent meanwhile.
func tellOver(w *wire) progress.Func {
	type told struct {
		stage string
		at    time.Time
	}
	turn := make(chan told, 1)
	turn <- told{}
	return func(e progress.Event) {
		last := <-turn
		if e.Stage != last.stage || time.Since(last.at) >= tellEvery {
			last = told{e.Stage, time.Now()}
			_ = w.send(kindProgress, stage{Stage: e.Stage, Done: e.Done, Total: e.Total}) // the parent may be gone
		}
		turn <- last
	}
}

// line serves one connection: a job at a time.
type line struct {
	guests Guests
	wire   *wire

	mu     sync.Mutex
	number uint64 // of the job under way
	cancel context.CancelFunc
}

// begun is a job that can be stopped.
type begun struct {
	request
	ctx context.Context
}

// serve answers jobs until the parent hangs up, which ends the process.
func (l *line) serve() {
	jobs := make(chan begun)
	go l.listen(jobs)
	for j := range jobs {
		d := l.answer(j.ctx, j.Job)
		l.stop(j.Number)
		if err := l.wire.send(kindDone, d); err != nil {
			os.Exit(1)
		}
	}
}

// listen takes what the parent sends; a stop doesn't wait for the job's end.
func (l *line) listen(jobs chan<- begun) {
	for {
		kind, body, err := l.wire.receive(1<<32 - 1)
		if err != nil {
			os.Exit(0)
		}
		switch kind {
		case kindJob:
			r := request{Job: &runtimes.Job{}}
			if err = runtimes.Decode(body, &r); err == nil {
				jobs <- begun{r, l.begin(r.Number)}
			}
		case kindStop:
			var number uint64
			if err = runtimes.Decode(body, &number); err == nil {
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

// stop ends a job, unless it is another already.
func (l *line) stop(number uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.number == number {
		l.cancel()
	}
}

// tellKey finds, in the context of a job, the wire over which to tell how far its
// compilation is.
type tellKey struct{}

func (l *line) answer(ctx context.Context, job *runtimes.Job) *done {
	b := &batch{wire: l.wire}
	out, err := l.guests.Run(context.WithValue(ctx, tellKey{}, l.wire), job, b.add)
	if err = errors.Join(err, b.flush()); err != nil {
		return &done{Fault: err.Error(), Stopped: errors.Is(err, context.Canceled), Missing: errors.Is(err, engine.ErrMissing)}
	}
	return &done{Outcome: out}
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
	results []runtimes.Result
	bytes   int
	mark    uint64 // fuel used when the last batch was sent
	err     error
}

// add takes one result; false when nobody listens.
func (b *batch) add(r runtimes.Result) bool {
	if len(r.Raw) < batchBytes {
		r.Raw = bytes.Clone(r.Raw) // a longer one is sent at once
	}
	b.results = append(b.results, r)
	b.bytes += len(r.Raw)
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
