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

	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
)

func inputs(args ...string) []runtimes.Input {
	var out []runtimes.Input
	for _, a := range args {
		out = append(out, runtimes.Input{Args: []byte(a), Fuel: 100 * batchFuel})
	}
	return out
}

// visited runs cases and collects what comes, stopping after some.
func visited(t *testing.T, r runtimes.Runner, source string, in []runtimes.Input, stopAfter int) (out []string, end string) {
	t.Helper()
	j := job(source)
	j.Mode, j.Inputs = runtimes.ModeCases, in
	o, err := r.Run(t.Context(), j, func(r runtimes.Result) bool {
		out = append(out, fmt.Sprintf("%d %.9q(%d) %v %v %d %d %d", r.Input, r.Raw, len(r.Raw), r.Tagged, r.More, r.Fuel, r.Total, r.Pages))
		return len(out) != stopAfter
	})
	return out, fmt.Sprint(o.Kind, " ", o.Detail, o.Fuel, o.Pages, " ", err)
}

// TestSameAsDirectly: what crosses the border is what goes in, but for texts, which
// are cut and escaped.
func TestSameAsDirectly(t *testing.T) {
	near, far := fake{Setup{Wheel: "w"}}, open(t, func(c *Config) { c.Setup.Wheel = "w" })
	if about, err := far.Ready(t.Context(), runtimes.Python); err != nil || about != near.About() {
		t.Errorf("%v, %v", about, err)
	}
	said := &runtimes.Transcript{Pages: 7, Exchanges: []runtimes.Exchange{{Call: []byte("c"), Answer: []byte("a")}}}
	for what, change := range map[string]func(*runtimes.Job){
		"main":   func(j *runtimes.Job) { j.Args, j.Stdin = []string{"a", "b\xfe"}, []byte("in") },
		"fault":  func(j *runtimes.Job) { j.Program.Source = "fault f" },
		"script": func(j *runtimes.Job) { j.Mode = runtimes.ModeScript },
		"recorded script": func(j *runtimes.Job) {
			j.Mode, j.Script = runtimes.ModeScript, runtimes.Script{Record: true, Test: "t"}
		},
		"rehearsed script": func(j *runtimes.Job) { j.Mode, j.Script = runtimes.ModeScript, runtimes.Script{Transcript: said} },
		"shared":           func(j *runtimes.Job) { j.Mode, j.Script = runtimes.ModeShared, runtimes.Script{Entry: "e"} },
		"unit tests": func(j *runtimes.Job) {
			j.Mode, j.Tests = runtimes.ModeTests, runtimes.Tests{Source: "s", Class: "C", Fuel: 7}
		},
		"names of unit tests": func(j *runtimes.Job) { j.Mode, j.Tests = runtimes.ModeInspect, runtimes.Tests{Source: "s", Class: "C"} },
		"compile":             func(j *runtimes.Job) { j.Mode, j.Script = runtimes.ModeInspect, runtimes.Script{Test: "t"} },
	} {
		j := withDefaults(job("x\xff"))
		j.Program.Name = "f.py"
		change(j)
		want, wantErr := near.Run(t.Context(), j, nil)
		want.Cut() // texts alone are not what the program wrote
		got, err := far.Run(t.Context(), j, nil)
		if diff := cmp.Diff(want, got); diff != "" || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Errorf("%s: %v, want %v\n%s", what, err, wantErr, diff)
		}
	}
	for _, source := range []string{"plain", "large", "flush x"} {
		in := inputs("a", "", "b", "c")
		want, wantEnd := visited(t, near, source, in, -1)
		got, end := visited(t, far, source, in, -1)
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
		got, end := visited(t, p, source, inputs("a", "b", "c", strings.Repeat("z", batchBytes), "act", "e"), 2)
		if len(got) != 2 || !strings.HasPrefix(end, "ok ") || !strings.HasSuffix(end, "<nil>") {
			t.Errorf("%s: %v, %s", source, got, end)
		}
	}
}

func main(t *testing.T, w *Worker, source string) error {
	t.Helper()
	_, err := w.Run(t.Context(), job(source), nil)
	return err
}

func TestProgressOfOpening(t *testing.T) {
	var told []string
	open(t, func(c *Config) {
		c.Progress = func(e progress.Event) { told = append(told, fmt.Sprint(e.Stage, e.Done, e.Total)) }
	})
	if got := fmt.Sprint(told); got != "[opening1 2 opened2 2]" {
		t.Error(got)
	}
}

// notice tells of notices alone.
func notice(told func(string)) progress.Func {
	return func(e progress.Event) {
		if e.Notice != "" {
			told(e.Notice)
		}
	}
}

func TestOpeningFails(t *testing.T) {
	for wheel, want := range map[string]string{"none": "there is no such wheel", "fatal": "exit status 2: panic: nothing works"} {
		tries := 1
		change := func(c *Config) { c.Setup.Wheel, c.Progress = wheel, notice(func(string) { tries++ }) }
		if _, err := tryOpen(t, change); err == nil || !strings.Contains(err.Error(), want) || (tries == 2) != (wheel == "fatal") {
			t.Errorf("%s: %v after %d tries", wheel, err, tries)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	_, err := New(Config{Args: []string{"test", childArg}, Setup: Setup{Wheel: "slow"}}).Ready(ctx, runtimes.Python)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestChildEnds: the program that ends its process is run twice and is then a
// fault; another is started, and says so.
func TestChildEnds(t *testing.T) {
	var notices []string
	p := open(t, func(c *Config) { c.Progress = notice(func(s string) { notices = append(notices, s) }) })
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
	want, wantEnd := visited(t, fake{}, "flush x", inputs("a", "b", "act", "d"), -1)
	file := filepath.Join(t.TempDir(), "done")
	got, end := visited(t, p, "once "+file, inputs("a", "b", "act", "d"), -1)
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

func TestOtherGuestsAreRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "changed")
	p := open(t, func(c *Config) { c.Setup.Cache, c.Setup.NoWalls = file, true })
	if err := main(t, p, "once "+file); err == nil || !strings.Contains(err.Error(), "came back with other guests") {
		t.Error(err)
	}
}

// cancelled runs a program and gives it up.
func cancelled(t *testing.T, p *Worker, source string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	for _, source := range []string{source, "fine"} {
		if _, err := p.Run(ctx, job(source), nil); !errors.Is(err, context.Canceled) {
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

// TestMissing: a program that Python's core isn't enough for runs again on the whole,
// from its start, and gives each result once. The next time it runs there at once, as
// does what imports a library.
func TestMissing(t *testing.T) {
	w := open(t, nil)
	core := Guests(fake{Setup{Whole: true}})
	want, wantEnd := visited(t, core, "miss", inputs("a", "act", "c"), 0)
	for range 2 {
		got, end := visited(t, w, "miss", inputs("a", "act", "c"), 0)
		if diff := cmp.Diff(want, got); diff != "" || end != wantEnd {
			t.Errorf("%s: (-whole +got)\n%s", end, diff)
		}
	}
	if got, _ := visited(t, w, "miss", inputs("a", "b"), 1); len(got) != 1 {
		t.Errorf("%d results after a stop", len(got))
	}
	if _, end := visited(t, w, "miss for ever", inputs("act"), 0); !strings.Contains(end, engine.ErrMissing.Error()) {
		t.Errorf("what misses on the whole ends with %s", end)
	}
	for source, likely := range map[string]bool{
		"import numpy as np": true, "def f():\n\tfrom pandas.io import x": true, "miss": true,
		"import re": false, "# import numpy": false, "import numpyro": false,
	} {
		j := job(source)
		j.Mode = runtimes.ModeCases
		if w.missed.likely(j) != likely {
			t.Errorf("%q: likely to miss: %v", source, !likely)
		}
	}
}

// TestFaultIsTriedTwice: a fault of ours that comes twice is said, and one that
// doesn't is nothing.
func TestFaultIsTriedTwice(t *testing.T) {
	for _, faults := range []int{0, 1, 2} {
		p, runs := &flaky{faults: faults}, 0
		w := New(Config{})
		at := place(here{p})
		w.core.value.Store(&at)
		j := job("x")
		j.Mode, j.Inputs = runtimes.ModeCases, inputs("a", "b")
		_, err := w.Run(t.Context(), j, func(r runtimes.Result) bool { runs++; return true })
		if (err != nil) != (faults == 2) || p.runs != min(faults+1, 2) || runs != 1 {
			t.Errorf("%d faults: %v after %d runs and %d results", faults, err, p.runs, runs)
		}
	}
}

// flaky fails some times, after its first result.
type flaky struct {
	fake
	faults, runs int
}

func (f *flaky) Run(_ context.Context, _ *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	f.runs++
	emit(runtimes.Result{})
	if f.runs <= f.faults {
		return runtimes.Outcome{}, errors.New("no memory")
	}
	return runtimes.Outcome{Kind: runtimes.OK}, nil
}
