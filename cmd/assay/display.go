package main

import (
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"time"

	"assay/harness"
	"assay/harness/run"
)

// display shows what goes on, on stderr. Its methods may be called from any
// goroutine.
type display interface {
	// stage tells of work that takes long; total is 0 when it isn't known.
	stage(name string, done, total int64)
	// status tells where the judging stands.
	status(s run.Status)
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
	case isTerminal(w) && os.Getenv("TERM") != "dumb":
		return newBars(w)
	}
	return &plain{w: w}
}

type silent struct{}

func (silent) stage(string, int64, int64) {}
func (silent) status(run.Status)          {}
func (silent) notice(string)              {}
func (silent) close()                     {}

// pace knows the rate of a run and how long the rest will take.
type pace struct {
	since time.Time
	first run.Status
}

// text is the rate and the time that is left; "" before the first verdict.
func (p *pace) text(s run.Status, now time.Time) string {
	if p.since.IsZero() {
		p.since, p.first = now, s
	}
	elapsed, judged := now.Sub(p.since), s.Done-p.first.Done
	if judged <= 0 || elapsed <= 0 {
		return ""
	}
	out := fmt.Sprintf("%.1f/s", float64(judged)/elapsed.Seconds())
	if share := s.Work - p.first.Work; share > 0 && s.Done < s.Total {
		left := time.Duration(float64(elapsed) * (1 - s.Work) / share)
		out += ", about " + left.Round(time.Second).String() + " left"
	}
	return out
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
