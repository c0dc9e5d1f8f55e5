package main

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/assay-dev/assay/internal/progress"
)

// judged is where a judging stands.
func judged(done, total int64, work float64) progress.Event {
	return progress.Event{Stage: "judging", Verb: "judged", Things: "samples", Done: done, Total: total, Work: work, Detail: "pass 7"}
}

func TestPace(t *testing.T) {
	var p pace
	start := time.Unix(0, 0)
	if got := p.text(judged(5, 20, 0.25), start); got != "" {
		t.Errorf("before the first verdict: %q", got)
	}
	if got, want := p.text(judged(15, 20, 0.75), start.Add(10*time.Second)), "1.0/s, about 5s left"; got != want {
		t.Errorf("half way: %q, want %q", got, want)
	}
	if got, want := p.text(judged(20, 20, 1), start.Add(15*time.Second)), "1.0/s"; got != want {
		t.Errorf("at the end: %q, want %q", got, want)
	}
	asked := judged(5, 20, 0)
	asked.Stage = "asking"
	if got := p.text(asked, start.Add(20*time.Second)); got != "" {
		t.Errorf("another stage has a pace of its own: %q", got)
	}
	if got := p.text(progress.Event{Stage: "asking", Done: 9, Total: 20}, start.Add(30*time.Second)); got != "" {
		t.Errorf("a stage that counts nothing has a rate: %q", got)
	}
	asked.Done, asked.Unpaced = 9, true
	if got := p.text(asked, start.Add(40*time.Second)); got != "" {
		t.Errorf("two rates: %q", got)
	}
}

// A line for every tenth, whatever is counted.
func TestLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := newDisplay(&out, false)
		for i := range int64(100) {
			p.Stage("compile", i, 100)
		}
		e := judged(20, 200, 0)
		for e.Known = 20; e.Done <= 200; e.Done++ {
			p.Tell(e)
			time.Sleep(time.Second)
		}
		p.Notice("mind \x1b[31mthis")
		p.close()
		want := []string{"compile …", "compile … 10 %", "resumed: 20 of 200 samples are judged already", "judged 21/200  pass 7  1.0/s, about 2m59s left", "judged 200/200  pass 7  1.0/s"}
		for _, line := range want {
			if !strings.Contains(out.String(), line+"\n") {
				t.Errorf("no line %q in\n%s", line, out.String())
			}
		}
		got := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(got) != 10+1+10+1 {
			t.Errorf("%d lines:\n%s", len(got), out.String())
		}
		if last := got[len(got)-1]; last != `mind \x1b[31mthis` {
			t.Errorf("notice: %q", last)
		}
	})
}

func TestQuietPrintsNothing(t *testing.T) {
	var out bytes.Buffer
	d := newDisplay(&out, true)
	d.Stage("compile", 1, 2)
	d.Tell(judged(1, 1, 1))
	d.Notice("mind this")
	d.close()
	if out.Len() > 0 {
		t.Errorf("quiet prints %q", out.String())
	}
}

// screen is what a terminal shows of the lines that were written to it.
func screen(text string) (above []string, last string) {
	for line := range strings.SplitSeq(text, "\n") {
		parts := strings.Split(line, erase)
		above = append(above, parts[len(parts)-1])
	}
	return above[:len(above)-1], above[len(above)-1]
}

// The bar is drawn ten times a second at most, what was told last in any case,
// never wider than the terminal; notices stand above it, and it leaves nothing.
func TestBar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		width := 200
		b := &bar{w: &out, width: func() int { return width }}
		show := progress.Func(b.tell)
		shows := func(want string) {
			t.Helper()
			time.Sleep(time.Second)
			synctest.Wait()
			b.mu.Lock()
			defer b.mu.Unlock()
			if _, got := screen(out.String()); got != want {
				t.Errorf("shows %q, want %q", got, want)
			}
		}
		show.Stage("load", 0, 0)
		shows("load …")
		show.Stage("compile", 5, 20)
		shows("compile [======                  ] 25 %")
		var told sync.WaitGroup
		for i := range int64(1000) {
			told.Go(func() { show.Tell(judged(i, 1000, 0)) })
		}
		told.Wait()
		show.Tell(judged(1000, 1000, 0))
		show.Notice("note\x1b[2J")
		shows("judging [========================] 1000/1000  pass 7")
		if n := strings.Count(out.String(), "judging"); n > 5 {
			t.Errorf("drawn %d times at once", n)
		}
		width = 20
		show.Stage("compile", 10, 20)
		shows("compile [==========")
		b.close()
		if above, last := screen(out.String()); len(above) != 1 || above[0] != `note\x1b[2J` || last != "" {
			t.Errorf("leaves %q, %q", above, last)
		}
	})
}
