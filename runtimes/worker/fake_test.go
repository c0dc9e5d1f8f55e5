package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
)

// The test binary is its own child.
const (
	childArg = "child-of-the-test"
	realArg  = "child-with-real-guests"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childArg {
		fmt.Fprintln(os.Stderr, Serve(openFake))
		os.Exit(1)
	}
	if len(os.Args) > 1 && os.Args[1] == realArg {
		fmt.Fprintln(os.Stderr, Serve(Open))
		os.Exit(1)
	}
	if len(os.Args) > 1 && os.Args[1] == liarArg {
		fmt.Fprintln(os.Stderr, lie())
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// fake are guests whose programs are words.
type fake struct{ setup Setup }

func openFake(_ context.Context, h Host) (Guests, error) {
	switch h.Setup.Wheel {
	case "none":
		return nil, errors.New("there is no such wheel")
	case "fatal":
		panic("nothing works")
	case "slow":
		select {}
	}
	h.Tell.Stage("opening", 1, 2)
	h.Tell.Stage("opened", 2, 2)
	return fake{h.Setup}, nil
}

// About differs once the file that Cache names is there.
func (f fake) About() About {
	_, err := os.Stat(f.setup.Cache)
	return About{"fake " + f.setup.Wheel, fmt.Sprint("identity ", f.setup.Cache != "" && err == nil)}
}

func (f fake) Close() error { return nil }

// act does what a program says and that a program should not be able to.
func act(ctx context.Context, source string) error {
	word, rest, _ := strings.Cut(source, " ")
	switch word {
	case "segv":
		go func() { *(*byte)(unsafe.Add(unsafe.Pointer(nil), 0xdead0000)) = 1 }()
		select {}
	case "exit":
		os.Exit(9)
	case "panic":
		go panic("out of order")
		select {}
	case "once": // ends the process unless the file is there
		if f, err := os.OpenFile(rest, os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			_ = f.Close()
			os.Exit(7)
		}
	case "wait":
		<-ctx.Done()
		return ctx.Err()
	case "hang":
		select {}
	case "die":
		fmt.Fprintln(os.Stderr, rest)
		os.Exit(2)
	case "spin":
		for n := uint64(1); n != 0; n += 2 { // odd for ever
		}
	case "fault":
		return errors.New("a fault: " + rest)
	}
	return nil
}

func (f fake) Run(ctx context.Context, j *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	p := j.Program
	switch j.Mode {
	case runtimes.ModeCases:
		return f.cases(ctx, j, emit)
	case runtimes.ModeInspect:
		if j.Tests.Source != "" {
			return runtimes.Outcome{Kind: runtimes.OK, Names: []string{j.Tests.Class, "b"}}, act(ctx, j.Tests.Source)
		}
		return runtimes.Outcome{Kind: runtimes.OK, Compiled: []byte("compiled " + j.Script.Test)}, act(ctx, j.Script.Test)
	case runtimes.ModeScript:
		failed := runtimes.Outcome{Kind: runtimes.Exception, Exception: &runtimes.ExceptionInfo{Type: "E\xff", Message: "\x00é", Line: 3}, Stderr: []byte{0xff}}
		out := runtimes.Outcome{Kind: runtimes.OK, Fuel: 5, Test: &failed, Calls: 9}
		if t := j.Script.Transcript; t != nil {
			out.Calls = int(t.Pages) + t.Weight()
		}
		if j.Script.Record {
			out.Transcript = &runtimes.Transcript{Exchanges: []runtimes.Exchange{{Call: []byte(j.Script.Test), Answer: []byte{0xff}}}, Pages: 3, Output: 1 << 40}
		}
		return out, act(ctx, p.Source)
	case runtimes.ModeShared:
		return runtimes.Outcome{Kind: runtimes.NoResult, Detail: j.Script.Entry}, act(ctx, p.Source)
	case runtimes.ModeTests:
		raised := &runtimes.ExceptionInfo{Type: "E\xff", Line: 3}
		return runtimes.Outcome{
			Kind: runtimes.OK, Fuel: j.Tests.Fuel,
			Tests: []runtimes.TestResult{{Name: j.Tests.Class, Outcome: runtimes.TestPass}, {Name: j.Tests.Source, Outcome: runtimes.TestFail, Exception: raised}},
		}, act(ctx, p.Source)
	}
	if err := act(ctx, p.Source); err != nil {
		return runtimes.Outcome{}, err
	}
	return runtimes.Outcome{Kind: runtimes.OK, Detail: strings.Join(j.Args, "+") + p.Name, Stdout: j.Stdin, Fuel: j.Limits.CallFuel}, nil
}

func (f fake) cases(ctx context.Context, j *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	p, total := j.Program, uint64(0)
	for i, in := range j.Inputs {
		total += 1000
		raw := in.Args
		if p.Source == "large" {
			raw = bytes.Repeat(in.Args, 1<<20)
		}
		r := runtimes.Result{Input: i, Raw: raw, Fuel: 1000, Total: total, Pages: 3, Tagged: i%2 == 1, More: p.Part > 0 && i%p.Part > 0}
		if string(in.Args) == "act" {
			if err := act(ctx, p.Source); err != nil {
				return runtimes.Outcome{}, err
			}
			if !f.setup.Whole && strings.HasPrefix(p.Source, "miss") || p.Source == "miss for ever" {
				return runtimes.Outcome{}, fmt.Errorf("function 7: %w", engine.ErrMissing)
			}
		}
		if strings.HasPrefix(p.Source, "flush ") {
			r.Total += batchFuel * uint64(i+1)
		}
		if !emit(r) {
			return runtimes.Outcome{Kind: runtimes.OK}, nil
		}
	}
	return runtimes.Outcome{Kind: runtimes.OK, Fuel: total, Pages: 4}, nil
}

// job is one of a program that is only run.
func job(source string) *runtimes.Job {
	return &runtimes.Job{Language: runtimes.Python, Mode: runtimes.ModeMain, Program: runtimes.Program{Source: source}}
}

// open makes a worker whose processes are this binary, and starts Python's.
func open(t *testing.T, change func(*Config)) *Worker {
	t.Helper()
	w, err := tryOpen(t, change)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func tryOpen(t *testing.T, change func(*Config)) (*Worker, error) {
	c := Config{Args: []string{os.Args[0], childArg}, Setup: Setup{Programs: 2}}
	if change != nil {
		change(&c)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w := New(c)
	t.Cleanup(func() { _ = w.Close() })
	_, err := w.Ready(ctx, runtimes.Python)
	return w, err
}
