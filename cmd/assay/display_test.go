package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/run"
)

func TestPace(t *testing.T) {
	var p pace
	start := time.Unix(0, 0)
	if got := p.text(judgingStage, run.Status{Done: 5, Total: 20, Work: 0.25}, start); got != "" {
		t.Errorf("before the first verdict: %q", got)
	}
	if got, want := p.text(judgingStage, run.Status{Done: 15, Total: 20, Work: 0.75}, start.Add(10*time.Second)), "1.0/s, about 5s left"; got != want {
		t.Errorf("half way: %q, want %q", got, want)
	}
	if got, want := p.text(judgingStage, run.Status{Done: 20, Total: 20, Work: 1}, start.Add(15*time.Second)), "1.0/s"; got != want {
		t.Errorf("at the end: %q, want %q", got, want)
	}
	if got := p.text(askingStage, run.Status{Done: 5, Total: 20}, start.Add(20*time.Second)); got != "" {
		t.Errorf("another stage has a pace of its own: %q", got)
	}
}

func TestPlainPrintsTenths(t *testing.T) {
	var out bytes.Buffer
	p := newDisplay(&out, false)
	p.stage("compile", 0, 100)
	for i := range int64(100) {
		p.stage("compile", i, 100)
	}
	for i := range 201 {
		p.status(run.Status{Total: 200, Done: i, Tasks: 3, Prepared: 3, Verdicts: map[harness.Verdict]int{harness.Pass: i}})
	}
	p.notice("mind \x1b[31mthis")
	p.close()
	if n := strings.Count(out.String(), "compile"); n != 10 {
		t.Errorf("%d lines on compiling, want 10", n)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if n := strings.Count(out.String(), "judged "); n < 10 || n > 11 {
		t.Errorf("%d lines on judging, want about 10:\n%s", n, out.String())
	}
	if got := lines[len(lines)-2]; !strings.HasPrefix(got, "judged 200/200") || !strings.HasSuffix(got, "pass 200") {
		t.Errorf("last line on judging: %q", got)
	}
	if got := lines[len(lines)-1]; got != `mind \x1b[31mthis` {
		t.Errorf("notice: %q", got)
	}
}

func TestQuietPrintsNothing(t *testing.T) {
	var out bytes.Buffer
	d := newDisplay(&out, true)
	d.stage("compile", 1, 2)
	d.status(run.Status{Total: 1, Done: 1})
	d.notice("mind this")
	d.close()
	if out.Len() > 0 {
		t.Errorf("quiet prints %q", out.String())
	}
}

// The bars are drawn from another goroutine than the one that moves them.
func TestBarsComeToAnEnd(t *testing.T) {
	var out bytes.Buffer
	b := newBars(&out)
	b.stage("compile", 0, 10)
	b.stage("compile", 10, 10)
	for i := range 50 {
		b.status(run.Status{Total: 50, Done: i + 1, Verdicts: map[harness.Verdict]int{harness.Pass: i + 1}})
		b.notice("note")
	}
	b.close()
	if n := strings.Count(out.String(), "note"); n != 50 {
		t.Errorf("%d of 50 notices were printed", n)
	}
}

func TestVerdictCounts(t *testing.T) {
	got := verdictCounts(map[harness.Verdict]int{harness.Pass: 2, harness.Trap: 1, harness.OutOfFuel: 1, harness.WrongAnswer: 7})
	if want := "wrong_answer 7, pass 2, out_of_fuel 1, trap 1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
