package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/progress"
)

// display shows on stderr what the rooms tell.
type display struct {
	progress.Func
	close func() // ends it; what follows is not overwritten
}

// newDisplay draws a bar on terminals and prints plain lines elsewhere.
func newDisplay(w io.Writer, quiet bool) display {
	switch {
	case quiet:
		return display{close: func() {}}
	case drawable(w):
		b := &bar{w: w, width: func() int { width, _, _ := term.GetSize(int(w.(*os.File).Fd())); return width }}
		return display{b.tell, b.close}
	}
	l := &lines{w: w}
	return display{l.tell, func() {}}
}

// drawable says whether w is a terminal that bars can be drawn on.
func drawable(w io.Writer) bool {
	if !isTerminal(w) || os.Getenv("TERM") == "dumb" {
		return false
	}
	width, height, err := term.GetSize(int(w.(*os.File).Fd()))
	return err == nil && width >= 40 && height >= 2
}

// lines prints a line for every tenth of the way.
type lines struct {
	w io.Writer

	mu    sync.Mutex
	at    string // the stage that was told last
	tenth int64  // of that stage
	pace  pace
}

func (l *lines) tell(e progress.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.Notice != "" {
		fmt.Fprintln(l.w, excerpt.Escape(e.Notice))
		return
	}
	rate := l.pace.text(e, time.Now())
	if e.Stage != l.at {
		l.at, l.tenth = e.Stage, -1
		switch {
		case e.Verb == "":
			l.tenth = 0
			fmt.Fprintf(l.w, "%s …\n", e.Stage)
			return
		case e.Known > 0:
			fmt.Fprintf(l.w, "resumed: %d of %d %s are %s already\n", e.Known, e.Total, e.Things, e.Verb)
		}
	}
	tenth := 10 * e.Done / max(e.Total, 1)
	if tenth <= l.tenth || e.Done == e.Known || e.Total <= 0 {
		return
	}
	switch {
	case e.Verb != "":
		fmt.Fprintf(l.w, "%s %d/%d%s\n", e.Verb, e.Done, e.Total, behind(e.Detail, rate))
	case tenth < 10:
		fmt.Fprintf(l.w, "%s … %d %%\n", e.Stage, 10*tenth)
	}
	l.tenth = tenth
}

// behind is what stands behind the numbers.
func behind(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		if part != "" {
			b.WriteString("  " + part)
		}
	}
	return b.String()
}

const (
	barWidth = 24                     // in characters
	redraw   = 100 * time.Millisecond // between two drawings of a stage, at least
	erase    = "\r\x1b[K"             // the line that the cursor is in
)

// bar draws the stage in the last line of a terminal, again and again. Notices
// stand above it.
type bar struct {
	w     io.Writer
	width func() int

	mu    sync.Mutex
	now   progress.Event
	rate  string
	pace  pace
	drawn time.Time
	later *time.Timer // draws what was told since
}

func (b *bar) tell(e progress.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e.Notice != "" {
		fmt.Fprintf(b.w, "%s%s\n", erase, excerpt.Escape(e.Notice))
		b.draw()
		return
	}
	another := e.Stage != b.now.Stage
	b.now, b.rate = e, b.pace.text(e, time.Now())
	switch {
	case another || time.Since(b.drawn) >= redraw:
		b.draw()
	case b.later == nil:
		b.later = time.AfterFunc(redraw, func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.later = nil
			b.draw()
		})
	}
}

func (b *bar) draw() {
	if b.now.Stage == "" {
		return
	}
	line := []rune(excerpt.Escape(b.line()))
	fmt.Fprint(b.w, erase, string(line[:min(len(line), max(b.width()-1, 0))]))
	b.drawn = time.Now()
}

func (b *bar) line() string {
	e := b.now
	if e.Total <= 0 {
		return e.Stage + " …" + behind(e.Detail)
	}
	filled := int(barWidth * min(e.Done, e.Total) / e.Total)
	numbers := fmt.Sprintf("%d %%", 100*min(e.Done, e.Total)/e.Total)
	if e.Verb != "" {
		numbers = fmt.Sprintf("%d/%d", e.Done, e.Total)
	}
	return fmt.Sprintf("%s [%s%s] %s%s", e.Stage, strings.Repeat("=", filled), strings.Repeat(" ", barWidth-filled), numbers, behind(e.Detail, b.rate))
}

func (b *bar) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.later != nil {
		b.later.Stop()
	}
	if b.now.Stage != "" {
		fmt.Fprint(b.w, erase)
	}
	b.now = progress.Event{}
}

// pace knows the rate of a stage and how long its rest will take.
type pace struct {
	since time.Time
	first progress.Event
}

// text is the rate and the time that is left; "" before the first thing is done,
// and of stages that count none.
func (p *pace) text(e progress.Event, now time.Time) string {
	if p.since.IsZero() || p.first.Stage != e.Stage {
		p.since, p.first = now, e
	}
	elapsed, done := now.Sub(p.since), e.Done-p.first.Done
	if e.Verb == "" || e.Unpaced || done <= 0 || elapsed <= 0 {
		return ""
	}
	out := fmt.Sprintf("%.1f/s", float64(done)/elapsed.Seconds())
	if left := p.left(e, elapsed).Round(time.Second); left > 0 {
		out += ", about " + left.String() + " left"
	}
	return out
}

// left is the time for the rest, by things or by work, whichever is less: with
// the longest first the one is too long early, the other late, when the last
// long task is under way.
func (p *pace) left(e progress.Event, elapsed time.Duration) time.Duration {
	byThings := float64(e.Total-e.Done) / float64(e.Done-p.first.Done)
	byWork := byThings
	if share := e.Work - p.first.Work; share > 0 {
		byWork = (1 - e.Work) / share
	}
	return time.Duration(float64(elapsed) * min(byThings, byWork))
}
