package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/harness/generate"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/trainer"
)

// plain prints a line for every tenth of the way.
type plain struct {
	w io.Writer

	mu    sync.Mutex
	at    string // the stage that was told last
	tenth int    // of that stage, or of the judging
	pace  pace
}

func (p *plain) stage(name string, done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if name != p.at {
		p.at, p.tenth = name, 0
		fmt.Fprintf(p.w, "%s …\n", name)
		return
	}
	if total <= 0 {
		return
	}
	if tenth := int(10 * done / total); tenth > p.tenth && tenth < 10 {
		p.tenth = tenth
		fmt.Fprintf(p.w, "%s … %d %%\n", name, 10*tenth)
	}
}

const judgingStage = "judging"

func (p *plain) status(s run.Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	rate := p.pace.text(judgingStage, s, time.Now())
	if p.at != judgingStage {
		p.at, p.tenth = judgingStage, -1
		if s.Resumed > 0 {
			fmt.Fprintf(p.w, "resumed: %d of %d samples are judged already\n", s.Resumed, s.Total)
		}
	}
	tenth := 10
	if s.Total > 0 {
		tenth = 10 * s.Done / s.Total
	}
	if tenth <= p.tenth || s.Done == 0 {
		return
	}
	p.tenth = tenth
	line := fmt.Sprintf("judged %d/%d", s.Done, s.Total)
	if s.Prepared < s.Tasks {
		line += fmt.Sprintf("  prepared %d/%d", s.Prepared, s.Tasks)
	}
	if rate != "" {
		line += "  " + rate
	}
	fmt.Fprintf(p.w, "%s  %s\n", line, verdictCounts(s.Verdicts))
}

const askingStage = "asking"

func (p *plain) asked(s generate.Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	rate := p.pace.text(askingStage, run.Status{Done: s.Done, Total: s.Total}, time.Now())
	if p.at != askingStage {
		p.at, p.tenth = askingStage, -1
		if s.Known > 0 {
			fmt.Fprintf(p.w, "resumed: %d of %d samples are answered already\n", s.Known, s.Total)
		}
	}
	tenth := 10 * s.Done / max(s.Total, 1)
	if tenth <= p.tenth || s.Done == s.Known {
		return
	}
	p.tenth = tenth
	line := fmt.Sprintf("answered %d/%d", s.Done, s.Total)
	if rate != "" {
		line += "  " + rate
	}
	fmt.Fprintf(p.w, "%s  %s\n", line, askedText(s.Stats, s.Failed)+judgedText(s.Judged))
}

const flowStage = "refining"

func (p *plain) flowed(s codeflow.Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	rate := p.pace.text(flowStage, run.Status{Done: s.Done, Total: s.Total}, time.Now())
	if p.at != flowStage {
		p.at, p.tenth = flowStage, -1
	}
	tenth := 10 * s.Done / max(s.Total, 1)
	if tenth <= p.tenth || s.Done == 0 {
		return
	}
	p.tenth = tenth
	line := fmt.Sprintf("traced %d/%d", s.Done, s.Total)
	if rate != "" {
		line += "  " + rate
	}
	fmt.Fprintf(p.w, "%s  %s\n", line, flowText(s))
}

func (p *plain) trained(e trainer.Event) {
	if e.Event != trainer.EventStep {
		if text := trainedText(e); text != "" {
			p.notice(text)
		}
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at != trainingStage {
		p.at, p.tenth = trainingStage, -1
	}
	if tenth := 10 * e.Step / max(e.Of, 1); tenth > p.tenth {
		p.tenth = tenth
		fmt.Fprintf(p.w, "trained %d/%d  %s\n", e.Step, e.Of, trainedText(e))
	}
}

func (p *plain) notice(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintln(p.w, run.Escape(text))
}

func (p *plain) close() {}
