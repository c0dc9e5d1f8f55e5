package main

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/harness/generate"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/trainer"
)

// bars draws one bar at a time: for a stage, then for the judging.
type bars struct {
	all *mpb.Progress

	mu   sync.Mutex
	bar  *bar
	pace pace
}

// bar is what is drawn now.
type bar struct {
	*mpb.Bar
	name  string
	known bool // how long it will be
	// text stands behind it. It is read while the bar is drawn, when bars.mu
	// may be held by whoever waits for that.
	text *atomic.Value
}

func newBars(w io.Writer) *bars {
	return &bars{all: mpb.New(mpb.WithOutput(w), mpb.WithAutoRefresh(), mpb.WithWidth(48))}
}

// turn gives the bar of a stage, a new one when the work is another.
func (b *bars) turn(name string, total int64) *bar {
	known := total > 0
	if b.bar != nil && b.bar.name == name && b.bar.known == known {
		return b.bar
	}
	b.drop()
	next := &bar{name: name, known: known, text: new(atomic.Value)}
	next.text.Store("")
	behind := mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return next.text.Load().(string) }))
	if known {
		next.Bar = b.all.AddBar(total, mpb.BarRemoveOnComplete(), behind,
			mpb.PrependDecorators(decor.Name(name+" "), decor.CountersNoUnit("%d/%d")))
	} else {
		next.Bar = b.all.AddSpinner(0, mpb.BarRemoveOnComplete(), behind,
			mpb.PrependDecorators(decor.Name(name+" ")))
	}
	b.bar = next
	return next
}

func (b *bars) drop() {
	if b.bar != nil {
		b.bar.Abort(true)
		b.bar = nil
	}
}

func (b *bars) stage(name string, done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if bar := b.turn(name, total); bar.known {
		bar.SetCurrent(min(done, total))
	}
}

func (b *bars) status(s run.Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := b.pace.text(judgingStage, s, time.Now()) + "  " + verdictCounts(s.Verdicts)
	if s.Prepared < s.Tasks {
		text = fmt.Sprintf("prepared %d/%d  ", s.Prepared, s.Tasks) + text
	}
	bar := b.turn(judgingStage, int64(s.Total))
	bar.text.Store(text)
	bar.SetCurrent(int64(s.Done))
}

func (b *bars) asked(s generate.Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	bar := b.turn(askingStage, int64(s.Total))
	bar.text.Store(b.pace.text(askingStage, run.Status{Done: s.Done, Total: s.Total}, time.Now()) + "  " + askedText(s.Stats, s.Failed) + judgedText(s.Judged))
	bar.SetCurrent(int64(s.Done))
}

func (b *bars) flowed(s codeflow.Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	bar := b.turn(flowStage, int64(s.Total))
	bar.text.Store(b.pace.text(flowStage, run.Status{Done: s.Done, Total: s.Total}, time.Now()) + "  " + flowText(s))
	bar.SetCurrent(int64(s.Done))
}

func (b *bars) trained(e trainer.Event) {
	text := trainedText(e)
	if e.Event != trainer.EventStep {
		if text != "" {
			b.notice(text)
		}
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	bar := b.turn(trainingStage, int64(e.Of))
	bar.text.Store("  " + text)
	bar.SetCurrent(int64(e.Step))
}

func (b *bars) notice(text string) {
	_, _ = io.WriteString(b.all, run.Escape(text)+"\n") // above the bar
}

func (b *bars) close() {
	b.mu.Lock()
	b.drop()
	b.mu.Unlock()
	b.all.Wait()
}
