package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/confine"
	"github.com/assay-dev/assay/runtimes/python"
)

// Opener opens the runtime that a Setup describes.
type Opener func(ctx context.Context, s Setup, tell func(stage string, done, total int64)) (Runtime, error)

// Serve is the whole life of the child. It returns only with an error: when
// the parent hangs up, the process ends.
func Serve(open Opener) error {
	signal.Ignore(os.Interrupt, syscall.SIGTERM) // a terminal's go to both; the parent decides
	control, err := accept(0)
	if err != nil {
		return errors.New("this command is how assay starts its engine process; it is of no use by itself")
	}
	kind, body, err := control.receive(maxControl)
	if err != nil {
		return fmt.Errorf("waiting for the setup: %w", err)
	}
	var s Setup
	if err := decoding.Unmarshal(body, &s); err != nil || kind != kindSetup || s.Protocol != protocol {
		return control.send(kindFailed, fmt.Sprintf("the engine process speaks %q, not %q", protocol, s.Protocol))
	}
	rt, wires, err := prepare(control, s, open)
	if err != nil {
		return errors.Join(control.send(kindFailed, err.Error()), hungUp(control))
	}
	about := ready{}
	if rt != nil {
		about.Name, about.Identity = rt.Name(), rt.Identity()
	}
	if !s.NoWalls {
		about.Walls = confine.Raise(confine.Limits{Memory: s.headRoom()})
	}
	for _, w := range wires {
		go (&line{runtime: rt, wire: w}).serve()
	}
	if err := control.send(kindReady, about); err != nil {
		return err
	}
	return hungUp(control)
}

// Memory beside the guests', in bytes: what the host keeps for each program
// (values, output, its stack), and what Go keeps in hand.
const (
	besideEach = 1 << 30
	besideAll  = 1 << 30
)

// headRoom is how much more memory the process may come to need: a program may
// be a pair of a candidate and its test.
func (s Setup) headRoom() uint64 {
	return uint64(s.Programs)*(2*s.Memory+besideEach) + besideAll
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

// prepare opens the connections and the runtime, and runs a first program, so
// that what is opened late is open.
func prepare(control *wire, s Setup, open Opener) (Runtime, []*wire, error) {
	var wires []*wire
	for n := range s.Programs {
		w, err := accept(1 + n)
		if err != nil {
			return nil, nil, fmt.Errorf("connection %d: %w", n, err)
		}
		wires = append(wires, w)
	}
	if s.Probe {
		return nil, nil, nil
	}
	ctx := context.Background()
	rt, err := open(ctx, s, tellOver(control))
	if err != nil {
		return nil, nil, err
	}
	_, err = rt.RunMain(ctx, python.Program{Source: "pass"}, nil, nil, runtimes.Limits{})
	return rt, wires, err
}

// tellEvery is how often progress is told of within a stage.
const tellEvery = 50 * time.Millisecond

// tellOver sends progress to the parent.
func tellOver(control *wire) func(stage string, done, total int64) {
	type told struct {
		stage string
		at    time.Time
	}
	turn := make(chan told, 1)
	turn <- told{}
	return func(stage string, done, total int64) {
		last := <-turn
		if stage != last.stage || time.Since(last.at) >= tellEvery {
			last = told{stage, time.Now()}
			_ = control.send(kindProgress, progress{Stage: stage, Done: done, Total: total}) // the parent may be gone
		}
		turn <- last
	}
}
