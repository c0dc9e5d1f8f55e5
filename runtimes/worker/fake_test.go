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
	"github.com/assay-dev/assay/runtimes/python"
)

// The test binary is its own child.
const childArg = "child-of-the-test"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childArg {
		fmt.Fprintln(os.Stderr, Serve(openFake))
		os.Exit(1)
	}
	if len(os.Args) > 1 && os.Args[1] == liarArg {
		fmt.Fprintln(os.Stderr, lie())
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// fake is a runtime whose programs are words.
type fake struct{ setup Setup }

func openFake(_ context.Context, s Setup, tell func(string, int64, int64)) (Runtime, error) {
	switch s.Wheel {
	case "none":
		return nil, errors.New("there is no such wheel")
	case "fatal":
		panic("nothing works")
	case "slow":
		select {}
	}
	tell("opening", 1, 2)
	tell("opened", 2, 2)
	return fake{s}, nil
}

func (f fake) Name() string { return "fake " + f.setup.Wheel }

// Identity differs once the file that Cache names is there.
func (f fake) Identity() string {
	_, err := os.Stat(f.setup.Cache)
	return fmt.Sprint("identity ", f.setup.Cache != "" && err == nil)
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
	case "spin":
		for n := uint64(1); n != 0; n += 2 { // odd for ever
		}
	case "fault":
		return errors.New("a fault: " + rest)
	}
	return nil
}

func (f fake) RunMain(ctx context.Context, p python.Program, args []string, stdin []byte, lim runtimes.Limits) (runtimes.Outcome, error) {
	if err := act(ctx, p.Source); err != nil {
		return runtimes.Outcome{}, err
	}
	return runtimes.Outcome{Kind: runtimes.OK, Detail: strings.Join(args, "+") + p.Filename, Stdout: stdin, Fuel: lim.CallFuel}, nil
}

func (f fake) RunCases(ctx context.Context, p python.Program, inputs []python.Input, lim runtimes.Limits, visit func(int, python.Result) bool) (runtimes.Outcome, error) {
	total := uint64(0)
	for i, in := range inputs {
		total += 1000
		raw := in.Args
		if p.Source == "large" {
			raw = bytes.Repeat(in.Args, 1<<20)
		}
		r := python.Result{Raw: raw, Fuel: 1000, Total: total, Pages: 3, Tagged: i%2 == 1, More: p.Part > 0 && i%p.Part > 0}
		if string(in.Args) == "act" {
			if err := act(ctx, p.Source); err != nil {
				return runtimes.Outcome{}, err
			}
		}
		if strings.HasPrefix(p.Source, "flush ") {
			r.Total += batchFuel * uint64(i+1)
		}
		if !visit(i, r) {
			return runtimes.Outcome{Kind: runtimes.OK}, nil
		}
	}
	return runtimes.Outcome{Kind: runtimes.OK, Fuel: total, Pages: 4}, nil
}

func (f fake) Compile(ctx context.Context, s python.Script) ([]byte, error) {
	return []byte("compiled " + s.Test), act(ctx, s.Test)
}

func (f fake) RunScript(ctx context.Context, s python.Script, p python.Program, lim runtimes.Limits) (python.ScriptOutcome, error) {
	failed := runtimes.Outcome{Kind: runtimes.Exception, Exception: &runtimes.ExceptionInfo{Type: "E\xff", Message: "\x00é", Line: 3}, Stderr: []byte{0xff}}
	out := python.ScriptOutcome{Candidate: runtimes.Outcome{Kind: runtimes.OK, Fuel: 5}, Test: failed, Calls: 9}
	if t := s.Transcript; t != nil {
		out.Calls = int(t.Pages) + t.Weight()
	}
	if s.Record {
		out.Transcript = &python.Transcript{Exchanges: []python.Exchange{{Call: []byte(s.Test), Answer: []byte{0xff}}}, Pages: 3, Output: 1 << 40}
	}
	return out, act(ctx, p.Source)
}

func (f fake) RunShared(ctx context.Context, p python.Program, s python.Script, lim runtimes.Limits) (runtimes.Outcome, error) {
	return runtimes.Outcome{Kind: runtimes.NoResult, Detail: s.Entry}, act(ctx, p.Source)
}

func (f fake) RunTests(ctx context.Context, p python.Program, t python.Tests, lim runtimes.Limits) (python.TestsOutcome, error) {
	raised := &runtimes.ExceptionInfo{Type: "E\xff", Line: 3}
	return python.TestsOutcome{
		Outcome: runtimes.Outcome{Kind: runtimes.OK, Fuel: t.Fuel},
		Results: []runtimes.TestResult{{Name: t.Class, Outcome: runtimes.TestPass}, {Name: t.Source, Outcome: runtimes.TestFail, Exception: raised}},
	}, act(ctx, p.Source)
}

func (f fake) TestNames(ctx context.Context, t python.Tests) ([]string, error) {
	return []string{t.Class, "b"}, act(ctx, t.Source)
}

// open starts a child of this binary.
func open(t *testing.T, change func(*Config)) *Process {
	t.Helper()
	p, err := tryOpen(t, change)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func tryOpen(t *testing.T, change func(*Config)) (*Process, error) {
	c := Config{Args: []string{os.Args[0], childArg}, Setup: Setup{Programs: 2}}
	if change != nil {
		change(&c)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return Open(ctx, c)
}
