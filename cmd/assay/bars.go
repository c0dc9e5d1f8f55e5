package main

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"assay/harness/run"
)

// bars draws one bar at a time: for a stage, then for the judging.
type bars struct {
	all *mpb.Progress

	mu   sync.Mutex
	bar  *mpb.Bar
	at   string // what the bar stands for
	pace pace

	// text stands behind the bar. It is read while a bar is drawn, when mu may
	// be held by whoever waits for that bar.
	text atomic.Value
}

func newBars(w io.Writer) *bars {
	return &bars{all: mpb.New(mpb.WithOutput(w), mpb.WithAutoRefresh(), mpb.WithWidth(48))}
}

// turn starts another bar when the work is another.
func (b *bars) turn(name string, total int64) {
	if b.at == name {
		return
	}
	b.drop()
	b.at = name
	b.text.Store("")
	b.bar = b.all.AddBar(total,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(name+" "), decor.CountersNoUnit("%d/%d")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return b.text.Load().(string) })),
	)
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
	b.turn(name, total)
	if b.bar != nil {
		b.bar.SetTotal(total, false)
		b.bar.SetCurrent(min(done, total))
	}
}

func (b *bars) status(s run.Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn(judgingStage, int64(s.Total))
	text := b.pace.text(s, time.Now()) + "  " + verdictCounts(s.Verdicts)
	if s.Prepared < s.Tasks {
		text = fmt.Sprintf("prepared %d/%d  ", s.Prepared, s.Tasks) + text
	}
	b.text.Store(text)
	if b.bar != nil {
		b.bar.SetCurrent(int64(s.Done))
	}
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
