package main

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"time"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/harness/generate"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/trainer"
)

// display shows what goes on, on stderr. Its methods may be called from any
// goroutine.
type display interface {
	// stage tells of work that takes long; total is 0 when it isn't known.
	stage(name string, done, total int64)
	// status tells where the judging stands.
	status(s run.Status)
	// asked tells where the asking of a model stands.
	asked(s generate.Status)
	// flowed tells where the traces stand.
	flowed(s codeflow.Status)
	// trained tells what the trainer tells.
	trained(e trainer.Event)
	// notice tells what a user should know.
	notice(text string)
	// close ends the display; what follows is not overwritten.
	close()
}

// newDisplay draws a bar on terminals and prints plain lines elsewhere.
func newDisplay(w io.Writer, quiet bool) display {
	switch {
	case quiet:
		return silent{}
	case drawable(w):
		return newBars(w)
	}
	return &plain{w: w}
}

type silent struct{}

func (silent) stage(string, int64, int64) {}
func (silent) status(run.Status)          {}
func (silent) asked(generate.Status)      {}
func (silent) flowed(codeflow.Status)     {}
func (silent) trained(trainer.Event)      {}
func (silent) notice(string)              {}
func (silent) close()                     {}

// pace knows the rate of a stage and how long its rest will take.
type pace struct {
	stage string
	since time.Time
	first run.Status
}

// text is the rate and the time that is left; "" before the first verdict.
func (p *pace) text(stage string, s run.Status, now time.Time) string {
	if p.since.IsZero() || p.stage != stage {
		p.stage, p.since, p.first = stage, now, s
	}
	elapsed, judged := now.Sub(p.since), s.Done-p.first.Done
	if judged <= 0 || elapsed <= 0 {
		return ""
	}
	out := fmt.Sprintf("%.1f/s", float64(judged)/elapsed.Seconds())
	if left := p.left(s, elapsed).Round(time.Second); left > 0 {
		out += ", about " + left.String() + " left"
	}
	return out
}

// left is the time for the rest, by samples or by work, whichever is less: with
// the longest first the one is too long early, the other late, when the last
// long task is under way.
func (p *pace) left(s run.Status, elapsed time.Duration) time.Duration {
	bySamples := float64(s.Total-s.Done) / float64(s.Done-p.first.Done)
	byWork := bySamples
	if share := s.Work - p.first.Work; share > 0 {
		byWork = (1 - s.Work) / share
	}
	return time.Duration(float64(elapsed) * min(bySamples, byWork))
}

// askedText is what an asking has taken so far.
func askedText(stats model.Stats, failed int) string {
	u := stats.Usage
	parts := []string{fmt.Sprintf("%s tokens", grouped(uint64(u.PromptTokens+u.CompletionTokens)))}
	if u.Cost > 0 {
		parts = append(parts, dollars(u.Cost))
	}
	if stats.Retried > 0 {
		parts = append(parts, fmt.Sprintf("asked again %d", stats.Retried))
	}
	if failed > 0 {
		parts = append(parts, fmt.Sprintf("failed %d", failed))
	}
	return strings.Join(parts, ", ")
}

// flowText is how a run of traces goes.
func flowText(s codeflow.Status) string {
	return fmt.Sprintf("passed %d, dropped %d, %s sent, %s", s.Passed, s.Done-s.Passed, plural(int(s.Stats.Sent), "request"), askedText(s.Stats, s.Failed))
}

// judgedText is how many answers were judged while others were awaited.
func judgedText(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", judged %d", n)
}

// verdictCounts lists verdicts, the most frequent first.
func verdictCounts(counts map[harness.Verdict]int) string {
	names := make([]harness.Verdict, 0, len(counts))
	for v := range counts {
		names = append(names, v)
	}
	sort.Slice(names, func(i, j int) bool {
		if counts[names[i]] != counts[names[j]] {
			return counts[names[i]] > counts[names[j]]
		}
		return names[i] < names[j]
	})
	parts := make([]string, len(names))
	for i, v := range names {
		parts[i] = fmt.Sprintf("%s %d", v, counts[v])
	}
	return strings.Join(parts, ", ")
}
