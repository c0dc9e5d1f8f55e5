package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python"
)

func inputs(args ...string) []python.Input {
	var out []python.Input
	for _, a := range args {
		out = append(out, python.Input{Args: []byte(a), Fuel: 100 * batchFuel})
	}
	return out
}

// visited runs cases and collects what visit is given, stopping after some.
func visited(t *testing.T, rt Runtime, p python.Program, in []python.Input, stopAfter int) (out []string, end string) {
	t.Helper()
	o, err := rt.RunCases(t.Context(), p, in, runtimes.Limits{}, func(i int, r python.Result) bool {
		out = append(out, fmt.Sprintf("%d %.9q(%d) %v %v %d %d %d", i, r.Raw, len(r.Raw), r.Tagged, r.More, r.Fuel, r.Total, r.Pages))
		return len(out) != stopAfter
	})
	return out, fmt.Sprint(o, err)
}

// TestSameAsDirectly: what crosses the border is what goes in.
func TestSameAsDirectly(t *testing.T) {
	near, far := Runtime(fake{Setup{Wheel: "w"}}), Runtime(open(t, func(c *Config) { c.Setup.Wheel = "w" }))
	if near.Name() != far.Name() || near.Identity() != far.Identity() {
		t.Errorf("%s, %s", far.Name(), far.Identity())
	}
	lim := runtimes.Limits{}.WithDefaults()
	p := python.Program{Source: "x\xff", Filename: "f.py"}
	both := func(what string, run func(Runtime) (any, error)) {
		t.Helper()
		want, wantErr := run(near)
		got, err := run(far)
		if diff := cmp.Diff(want, got); diff != "" || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Errorf("%s: %v, want %v\n%s", what, err, wantErr, diff)
		}
	}
	both("main", func(r Runtime) (any, error) {
		return r.RunMain(t.Context(), p, []string{"a", "b\xfe"}, []byte("in"), lim)
	})
	both("fault", func(r Runtime) (any, error) {
		return r.RunMain(t.Context(), python.Program{Source: "fault f"}, nil, nil, lim)
	})
	both("script", func(r Runtime) (any, error) { return r.RunScript(t.Context(), python.Script{}, p, lim) })
	both("recorded script", func(r Runtime) (any, error) {
		return r.RunScript(t.Context(), python.Script{Record: true, Test: "t"}, p, lim)
	})
	both("rehearsed script", func(r Runtime) (any, error) {
		said := &python.Transcript{Pages: 7, Exchanges: []python.Exchange{{Call: []byte("c"), Answer: []byte("a")}}}
		return r.RunScript(t.Context(), python.Script{Transcript: said}, p, lim)
	})
	both("shared", func(r Runtime) (any, error) { return r.RunShared(t.Context(), p, python.Script{Entry: "e"}, lim) })
	both("unit tests", func(r Runtime) (any, error) {
		return r.RunTests(t.Context(), p, python.Tests{Source: "s", Class: "C", Fuel: 7}, lim)
	})
	both("names of unit tests", func(r Runtime) (any, error) {
		return r.TestNames(t.Context(), python.Tests{Source: "s", Class: "C"})
	})
	both("compile", func(r Runtime) (any, error) { return r.Compile(t.Context(), python.Script{Test: "t"}) })
	for _, source := range []string{"plain", "large", "flush x"} {
		in := inputs("a", "", "b", "c")
		want, wantEnd := visited(t, near, python.Program{Source: source}, in, -1)
		got, end := visited(t, far, python.Program{Source: source}, in, -1)
		if diff := cmp.Diff(want, got); diff != "" || end != wantEnd {
			t.Errorf("%s: %s, want %s\n%s", source, end, wantEnd, diff)
		}
	}
}

// TestVisitStops: nothing after it is visited, and neither a hanging program
// nor the end of the child spoils what was known.
func TestVisitStops(t *testing.T) {
	p := open(t, nil)
	for _, source := range []string{"flush x", "wait", "segv"} {
		got, end := visited(t, p, python.Program{Source: source}, inputs("a", "b", "c", strings.Repeat("z", batchBytes), "act", "e"), 2)
		if len(got) != 2 || !strings.HasPrefix(end, "{ok ") || !strings.HasSuffix(end, "<nil>") {
			t.Errorf("%s: %v, %s", source, got, end)
		}
	}
}

func main(t *testing.T, p *Process, source string) error {
	t.Helper()
	_, err := p.RunMain(t.Context(), python.Program{Source: source}, nil, nil, runtimes.Limits{})
	return err
}

func TestProgressOfOpening(t *testing.T) {
	var told []string
	open(t, func(c *Config) {
		c.Progress = func(stage string, done, total int64) { told = append(told, fmt.Sprint(stage, done, total)) }
	})
	if got := fmt.Sprint(told); got != "[opening1 2 opened2 2]" {
		t.Error(got)
	}
}

func TestOpeningFails(t *testing.T) {
	for wheel, want := range map[string]string{"none": "there is no such wheel", "fatal": "exit status 2: panic: nothing works"} {
		tries := 1
		change := func(c *Config) { c.Setup.Wheel, c.Notice = wheel, func(string) { tries++ } }
		if _, err := tryOpen(t, change); err == nil || !strings.Contains(err.Error(), want) || (tries == 2) != (wheel == "fatal") {
			t.Errorf("%s: %v after %d tries", wheel, err, tries)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	_, err := Open(ctx, Config{Args: []string{"test", childArg}, Setup: Setup{Wheel: "slow"}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestChildEnds: the program that ends its process is run twice and is then a
// fault; another is started, and says so.
func TestChildEnds(t *testing.T) {
	var notices []string
	p := open(t, func(c *Config) { c.Notice = func(s string) { notices = append(notices, s) } })
	for source, want := range map[string]string{
		"segv":  "unexpected fault address 0xdead0000",
		"exit":  "exit status 9",
		"panic": "exit status 2: panic: out of order",
	} {
		notices = nil
		if err := main(t, p, source); err == nil || !strings.Contains(err.Error(), "ended twice") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", source, err)
		}
		if err := main(t, p, source); err == nil || !strings.Contains(err.Error(), "not run again") {
			t.Errorf("%s, asked for again: %v", source, err)
		}
		if err := main(t, p, "fine"); err != nil {
			t.Errorf("after %s: %v", source, err)
		}
		if len(notices) != 2 || !strings.Contains(notices[0], want) {
			t.Errorf("%s: told %q", source, notices)
		}
	}
}

// TestOnceIsNoFault: a child that ends once costs nothing but time, and results
// are not visited twice.
func TestOnceIsNoFault(t *testing.T) {
	p := open(t, func(c *Config) { c.Setup.NoWalls = true }) // the program makes a file
	want, wantEnd := visited(t, fake{}, python.Program{Source: "flush x"}, inputs("a", "b", "act", "d"), -1)
	file := filepath.Join(t.TempDir(), "done")
	got, end := visited(t, p, python.Program{Source: "once " + file}, inputs("a", "b", "act", "d"), -1)
	if _, err := os.Stat(file); err != nil {
		t.Error("the first child did not end: ", err)
	}
	if len(got) != len(want) || end != wantEnd {
		t.Errorf("%v, %s", got, end)
	}
}

// TestTheOthersLoseNothing: of many programs at once one ends every child.
func TestTheOthersLoseNothing(t *testing.T) {
	p := open(t, func(c *Config) { c.Setup.Programs = 4 })
	var wg sync.WaitGroup
	var faults atomic.Int32
	for i := range 40 {
		wg.Go(func() {
			source := fmt.Sprint("fine ", i)
			if i%10 == 3 {
				source = fmt.Sprint("exit ", i)
			}
			if err := main(t, p, source); err != nil {
				faults.Add(1)
				if i%10 != 3 {
					t.Errorf("%s: %v", source, err)
				}
			}
		})
	}
	wg.Wait()
	if faults.Load() != 4 {
		t.Errorf("%d faults, want 4", faults.Load())
	}
}

func TestAnotherRuntimeIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "changed")
	p := open(t, func(c *Config) { c.Setup.Cache, c.Setup.NoWalls = file, true })
	if err := main(t, p, "once "+file); err == nil || !strings.Contains(err.Error(), "came back with another runtime") {
		t.Error(err)
	}
}

// cancelled runs a program and gives it up.
func cancelled(t *testing.T, p *Process, source string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	for _, source := range []string{source, "fine"} {
		if _, err := p.RunMain(ctx, python.Program{Source: source}, nil, nil, runtimes.Limits{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", source, err)
		}
	}
}

func TestCancel(t *testing.T) {
	p := open(t, nil)
	cancelled(t, p, "wait")
	if err := main(t, p, "fine"); err != nil {
		t.Error(err)
	}
}

func TestClose(t *testing.T) {
	p := open(t, nil)
	time.AfterFunc(time.Millisecond, func() { _ = p.Close() })
	if err := main(t, p, "hang"); !errors.Is(err, errClosed) {
		t.Error(err)
	}
}
