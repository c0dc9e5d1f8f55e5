package report

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"path/filepath"

	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/harness/score"
	"github.com/assay-dev/assay/internal/chart"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/internal/jsonl"
)

// flow is a folder of codeflow's.
type flow struct {
	ID    string
	Name  string
	Stats *codeflow.Stats // nil where there is none
	Rows  []traceRow
	Notes []string

	pages book
}

// traceRow is a trace in the table.
type traceRow struct {
	Index   int
	Task    string
	Sample  int
	Outcome string
	Reason  string
	Steps   []verdict // of the chosen attempts
	HeldOut string    // of the last one
	Fuel    uint64

	attempts []attempt
}

// attempt is a row of the CSV.
type attempt struct {
	codeflow.Step
	line string // what went wrong
}

func openFlow(ctx context.Context, dir, name, id string, room *int) (*flow, error) {
	f := &flow{ID: id, Name: name, pages: book{room: room}}
	var err error
	f.Stats, err = optional(func() (*codeflow.Stats, error) { return codeflow.ReadStats(filepath.Join(dir, codeflow.StatsName)) })
	if err != nil {
		return nil, err
	}
	if f.Stats != nil && len(f.Stats.Iterations) > codeflow.MaxIterations+1 {
		return nil, fmt.Errorf("%s: statistics of %d iterations; there are at most %d", dir, len(f.Stats.Iterations), codeflow.MaxIterations+1)
	}
	var damage jsonl.Damage
	err = codeflow.ReadTraces(ctx, dir, func(t *codeflow.Trace) error {
		if len(f.Rows) == mostRows {
			return fmt.Errorf("%s: a report shows at most %d traces", dir, mostRows)
		}
		f.Rows = append(f.Rows, traceRowOf(len(f.Rows), t))
		return f.pages.add(tracePage(t))
	}, damage.Add)
	if err != nil {
		return nil, err
	}
	if len(f.Rows) == 0 && len(damage.Lines) > 0 {
		return nil, damage.Lines[0]
	}
	if len(f.Rows) == 0 {
		return nil, fmt.Errorf("%s holds no trace", dir)
	}
	for _, notice := range damage.Notices(codeflow.LineIsLost) {
		f.Notes = append(f.Notes, line(notice))
	}
	switch {
	case f.Stats == nil:
		f.Notes = append(f.Notes, "The folder has no stats.json: rates and moves are not shown.")
	case f.Stats.Missing > 0:
		f.Notes = append(f.Notes, fmt.Sprintf("%s could not be finished, and stand in no number here.", humanize.Plural(f.Stats.Missing, "trace")))
	}
	if n := f.pages.left; n > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("%s have no page here, which has room for %d MiB: assay codeflow show shows them.", humanize.Plural(n, "trace"), mostPages>>20))
	}
	return f, nil
}

func traceRowOf(i int, t *codeflow.Trace) traceRow {
	r := traceRow{Index: i, Task: line(t.TaskID), Sample: t.Sample, Outcome: string(t.Outcome), Reason: line(t.Reason)}
	for _, s := range t.Steps {
		r.Fuel += s.Fuel
		a := attempt{Step: s}
		a.Program, a.Answer, a.Tests, a.Feedback = "", "", "", "" // the page has them
		if s.Failure != nil && s.Failure.Exception != nil {
			a.line = line(s.Failure.Exception.Type)
		}
		a.Failure = nil
		r.attempts = append(r.attempts, a)
		if s.Chosen {
			r.Steps = append(r.Steps, verdictOf(s.Verdict))
			r.HeldOut = line(string(s.HeldOut))
		}
	}
	return r
}

// tracePage shows a trace step by step: each program with the lines that the one
// before it had not, and what the model was told.
func tracePage(t *codeflow.Trace) page {
	p := page{Title: fmt.Sprintf("%s #%d", line(t.TaskID), t.Sample), Verdict: string(t.Outcome)}
	p.fact("dropped because of", t.Reason)
	p.fact("source", t.Source)
	p.fact("function", t.Entry)
	if o := t.Overlap; o != nil {
		p.fact("in common with "+line(o.Problem), o.Words)
	}
	if q := t.Quality; q != nil {
		p.fact("the tests", q.Text())
	}
	p.add(part{Head: "task", text: text{Text: shown(t.Prompt, mostText)}, Folded: true})
	before, tests := "", ""
	for _, s := range t.Steps {
		p.add(stepPart(t, s, before))
		if s.Tests != tests {
			tests = s.Tests
			p.add(part{Head: "its tests", text: program(tests, t.Language), Code: true, Folded: true})
		}
		if s.Failure != nil {
			p.failure(s.Failure)
		}
		p.add(part{Head: "the model is told", text: text{Text: shown(s.Feedback, mostText)}, Folded: true})
		if s.Chosen {
			before = s.Program
		}
	}
	return p
}

func stepPart(t *codeflow.Trace, s codeflow.Step, before string) part {
	head := fmt.Sprintf("iteration %d", s.Iteration)
	if s.Candidate > 0 || !s.Chosen {
		head += fmt.Sprintf(", candidate %d", s.Candidate)
	}
	head += ": " + line(string(s.Verdict))
	if s.HeldOut != "" {
		head += ", held out: " + line(string(s.HeldOut))
	}
	if s.Program == "" {
		return plainPart(head+", no program in the answer", cmp.Or(s.Answer, "(an empty answer)"))
	}
	x := part{Head: head, text: program(s.Program, t.Language), Code: true, Step: true}
	if before != "" {
		x.Lines = newLines(shown(before, mostProgram), shown(s.Program, mostProgram))
	}
	return x
}

// Held says whether something was held out.
func (f *flow) Held() bool {
	for _, i := range f.Stats.Iterations {
		if i.HeldOut != nil {
			return true
		}
	}
	return false
}

// Moves are the verdicts that were followed by another attempt's.
func (f *flow) Moves() []move {
	var out []move
	for _, m := range f.Stats.Moves {
		out = append(out, move{verdictOf(m.From), verdictOf(m.To), m.Count})
	}
	return out
}

type move struct {
	From, To verdict
	N        int
}

// RateChart is the share of traces that passed, by iteration.
func (f *flow) RateChart() template.HTML {
	rates := curve{chart.Series{Name: "passed so far"}, series(0)}
	held := curve{chart.Series{Name: "held out too"}, series(1)}
	for _, i := range f.Stats.Iterations {
		if i.Traces == 0 {
			continue
		}
		rates.point(i.Iteration, i.Rate)
		held.point(i.Iteration, i.HeldOut)
	}
	curves := []curve{rates}
	if len(held.X) > 0 {
		curves = append(curves, held)
	}
	return lines(chart.Axes{Alt: "Share of traces that passed, by iteration, with intervals; the table has the numbers", X: "iteration", Y: "share of traces"}, curves)
}

func (c *curve) point(iteration int, e *score.Estimate) {
	if e != nil {
		c.X, c.Y = append(c.X, float64(iteration)), append(c.Y, e.Value)
		c.Low, c.High = append(c.Low, e.Interval.Low), append(c.High, e.Interval.High)
	}
}

// ChosenChart is the verdicts of the chosen attempts, by iteration.
func (f *flow) ChosenChart() template.HTML {
	var names []string
	var counts [][]count
	for _, i := range f.Stats.Iterations {
		if i.Traces > 0 {
			names = append(names, fmt.Sprint(i.Iteration))
			counts = append(counts, counted(i.Chosen))
		}
	}
	return verdictBars("Verdicts of the chosen attempts, by iteration", "traces", names, counts)
}
