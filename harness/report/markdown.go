package report

import (
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/efficiency"
	"github.com/assay-dev/assay/internal/humanize"
)

// mostMarkdown bounds the Markdown, in bytes: a comment of GitHub takes 65,536
// characters. Tables come first; lists of tasks take what is left.
const mostMarkdown = 60_000

// md is Markdown that is being written.
type md struct{ strings.Builder }

func (m *md) f(format string, args ...any) { fmt.Fprintf(m, format, args...) }

// table writes a table; columns whose head starts with > are numbers.
func (m *md) table(head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	rule := make([]string, len(head))
	for i, h := range head {
		rule[i] = "---"
		if strings.HasPrefix(h, ">") {
			rule[i], head[i] = "---:", h[1:]
		}
	}
	for _, row := range append([][]string{head, rule}, rows...) {
		for _, cell := range row {
			m.f("| %s ", strings.ReplaceAll(cell, "|", `\|`))
		}
		m.f("|\n")
	}
	m.f("\n")
}

// mono is text of others as a span of code, in which nothing of Markdown means
// anything, no name is a mention and no address a link.
func mono(s string) string {
	if s = line(s); s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

// markdown writes what belongs into a pull request.
func (r *Report) markdown(w io.Writer) error {
	m := &md{}
	m.f("%s\n## %s\n\n", marks[Markdown], mono(r.Title))
	if len(r.Runs) > 0 {
		r.scoresMarkdown(m)
	}
	for _, c := range r.Compared {
		c.markdown(m)
	}
	for _, f := range r.Flows {
		f.markdown(m)
	}
	for _, t := range r.Trainings {
		t.markdown(m)
	}
	for _, e := range r.Runs {
		e.failing(m)
	}
	_, err := io.WriteString(w, m.String())
	return err
}

func (r *Report) scoresMarkdown(m *md) {
	var scores, costs, verdicts, causes, disputed [][]string
	for _, e := range r.Runs {
		for _, s := range e.Scores {
			scores = append(scores, []string{mono(e.Name), s.Set, s.Name(), fmt.Sprintf("%.4f", s.Value),
				fmt.Sprintf("%.4f to %.4f", s.Interval.Low, s.Interval.High), fmt.Sprintf("%d of %d", s.Correct, s.Samples)})
		}
		if c := e.Cost; c != nil && c.Ratio != nil && c.Efficiency != nil {
			for _, mean := range []struct {
				name string
				*efficiency.Mean
			}{{"ratio", c.Ratio}, {"efficiency", c.Efficiency}} {
				costs = append(costs, []string{mono(e.Name), mean.name, fmt.Sprintf("%.3g", mean.Value), fmt.Sprintf("%.3g to %.3g", mean.Interval.Low, mean.Interval.High)})
			}
		}
		for _, v := range e.Verdicts {
			verdicts = append(verdicts, []string{mono(e.Name), mono(v.Word), fmt.Sprint(v.N), percent(v.Share)})
		}
		for i, d := range e.Disputed {
			if i == 30 {
				disputed = append(disputed, []string{mono(e.Name), fmt.Sprintf("… and %d more", len(e.Disputed)-i), "", "", ""})
				break
			}
			disputed = append(disputed, []string{mono(e.Name), mono(d.Task), mono(d.What), mono(d.About), mono(d.Thread)})
		}
		for i, c := range e.Errors.Causes {
			if i == 10 {
				break
			}
			causes = append(causes, []string{mono(e.Name), mono(causeText(c.Cause)), fmt.Sprint(c.Samples), mono(firstOf(3, c.Tasks))})
		}
	}
	m.table([]string{"run", "set", "score", ">value", ">95 % interval", ">right"}, scores)
	m.table([]string{"run", "fuel of what passed", ">relative to the canonical solutions", ">95 % interval"}, costs)
	m.table([]string{"run", "verdict", ">samples", ">share"}, verdicts)
	for _, e := range r.Runs {
		for _, note := range e.Notes {
			m.f("%s: %s\n\n", mono(e.Name), note)
		}
	}
	if len(disputed) > 0 {
		m.f("<details><summary>Disputed tasks</summary>\n\n")
		m.table([]string{"run", "task", "what", "about", "thread"}, disputed)
		m.f("</details>\n\n")
	}
	if len(causes) > 0 {
		m.f("<details><summary>Why samples failed</summary>\n\n")
		m.table([]string{"run", "cause", ">samples", "tasks"}, causes)
		m.f("</details>\n\n")
	}
}

func (c *comparison) markdown(m *md) {
	m.f("### %s → %s\n\n", mono(c.A.Name), mono(c.B.Name))
	for _, note := range c.Notes {
		m.f("%s\n\n", mono(note))
	}
	var rows [][]string
	for _, s := range c.Sets {
		rows = append(rows, []string{s.Set, fmt.Sprint(s.Tasks), fmt.Sprintf("%.4f", s.RateA), fmt.Sprintf("%.4f", s.RateB), s.Difference(),
			fmt.Sprint(len(s.Gained)), fmt.Sprint(len(s.Lost)), fmt.Sprintf("%s: p = %.4g", s.Test, s.P)})
	}
	m.table([]string{"set", ">tasks", ">before", ">after", ">difference", ">gained", ">lost", "test"}, rows)
	for _, change := range []string{"gained", "lost"} {
		var items []string
		for _, f := range c.Flips {
			if f.Change == change {
				items = append(items, fmt.Sprintf("- %s: %s → %s\n", mono(f.Task), mono(words(f.A)), mono(words(f.B))))
			}
		}
		m.fold(change, items)
	}
}

// words are the verdicts of a task's samples.
func words(rows []row) string {
	if len(rows) == 1 {
		return rows[0].Verdict.Word
	}
	passed := 0
	for _, r := range rows {
		if r.record.Verdict == harness.Pass {
			passed++
		}
	}
	return fmt.Sprintf("%d of %d pass", passed, len(rows))
}

// fold writes a list to unfold, as far as there is room.
func (m *md) fold(title string, items []string) {
	if len(items) == 0 {
		return
	}
	m.f("<details><summary><code>%s</code>: %d</summary>\n\n", html.EscapeString(title), len(items)) // no Markdown in here
	for i, item := range items {
		if m.Len()+len(item) > mostMarkdown {
			m.f("- … and %d more\n", len(items)-i)
			break
		}
		m.WriteString(item)
	}
	m.f("\n</details>\n\n")
}

// failing lists the samples that didn't pass, by verdict.
func (e *evalRun) failing(m *md) {
	m.f("### Samples of %s that failed\n\n", mono(e.Name))
	for _, v := range e.Verdicts {
		var items []string
		for _, r := range e.Rows {
			if r.Verdict == v.verdict && r.record.Verdict != harness.Pass {
				item := fmt.Sprintf("- %s", mono(fmt.Sprintf("%s #%d", r.Task, r.Sample)))
				if r.Says != "" {
					item += ": " + mono(r.Says)
				}
				items = append(items, item+"\n")
			}
		}
		m.fold(v.Word, items)
	}
}

func (f *flow) markdown(m *md) {
	m.f("### %s\n\n", mono(f.Name))
	for _, note := range f.Notes {
		m.f("%s\n\n", note)
	}
	if f.Stats != nil {
		m.f("%s of %s: %d passed, %d dropped\n\n", humanize.Plural(f.Stats.Traces, "trace"), mono(f.Stats.Source), f.Stats.Passed, f.Stats.Traces-f.Stats.Passed)
		var rates, moves [][]string
		for _, i := range f.Stats.Iterations {
			if i.Traces > 0 {
				rates = append(rates, []string{fmt.Sprint(i.Iteration), fmt.Sprint(i.Traces), fmt.Sprint(i.Passed), rateText(i.Rate), interval(i.Rate), rateText(i.HeldOut), interval(i.HeldOut)})
			}
		}
		m.table([]string{">iteration", ">traces", ">passed here", ">passed so far", ">95 % interval", ">held out too", ">95 % interval"}, rates)
		for _, mv := range f.Moves() {
			moves = append(moves, []string{mono(mv.From.Word), mono(mv.To.Word), fmt.Sprint(mv.N)})
		}
		m.table([]string{"verdict", "next iteration's", ">traces"}, moves)
	}
	var items []string
	for _, r := range f.Rows {
		if r.Outcome != "passed" {
			var steps []string
			for _, s := range r.Steps {
				steps = append(steps, s.Word)
			}
			items = append(items, fmt.Sprintf("- %s: %s, %s\n", mono(fmt.Sprintf("%s #%d", r.Task, r.Sample)), mono(r.Reason), mono(strings.Join(steps, " → "))))
		}
	}
	m.fold("dropped", items)
}

func (t *training) markdown(m *md) {
	m.f("### %s\n\n", mono(t.Name))
	for _, note := range t.Notes {
		m.f("%s\n\n", note)
	}
	var about, rows [][]string
	for _, a := range t.About {
		about = append(about, []string{a[0], mono(a[1])})
	}
	m.table([]string{"", ""}, about)
	for _, f := range t.Figures {
		rows = append(rows, []string{mono(f.Name), f.First, f.Last, f.Held})
	}
	m.table([]string{"figure", ">first step", ">last step", ">held out"}, rows)
}
