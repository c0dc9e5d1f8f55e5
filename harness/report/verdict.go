package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/internal/chart"
)

// verdicts in the order of their colours, --c0 and on. Colours of series come
// after them.
var verdicts = []harness.Verdict{
	harness.Pass, harness.WrongAnswer, harness.Exception, harness.SyntaxError, harness.OutOfFuel,
	harness.StackOverflow, harness.OutOfMemory, harness.OutputLimit, harness.FSLimit, harness.NoResult,
	harness.BadValue, harness.Trap, harness.ForgedResult, harness.InfraError, codeflow.NoProgram, codeflow.NoTests, harness.CompileLimit,
}

// other is the colour of a verdict that is in no list of ours.
var other = len(verdicts)

// series gives the colours of lines that are no verdicts.
func series(i int) int { return other + 1 + i%6 }

// color is one of the page's, light or dark.
func color(i int) chart.Color { return chart.Color(fmt.Sprintf("var(--c%d)", i)) }

// verdict is a verdict as the page shows it: its word, and its colour.
type verdict struct {
	Word  string
	Color int
}

func verdictOf(v harness.Verdict) verdict {
	i := slices.Index(verdicts, v)
	if i < 0 {
		i = other
	}
	return verdict{line(string(v)), i}
}

// count is how often something is.
type count struct {
	verdict
	N     int
	Share float64
}

// counted sorts counts: the most frequent first.
func counted(n map[harness.Verdict]int) []count {
	var out []count
	total := 0
	for v, k := range n {
		out = append(out, count{verdictOf(v), k, 0})
		total += k
	}
	slices.SortFunc(out, func(a, b count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Word, b.Word)) })
	for i := range out {
		out[i].Share = float64(out[i].N) / float64(total)
	}
	return out
}

// verdictBars draws the verdicts of each of several runs as stacked bars.
func verdictBars(alt, unit string, names []string, counts [][]count) template.HTML {
	sizes := make([][]float64, other+1)
	for i, run := range counts {
		for _, c := range run {
			if sizes[c.Color] == nil {
				sizes[c.Color] = make([]float64, len(names))
			}
			sizes[c.Color][i] += float64(c.N)
		}
	}
	var parts []chart.Part
	for i, s := range sizes {
		if s != nil {
			parts = append(parts, chart.Part{Color: color(i), Sizes: s})
		}
	}
	return template.HTML(chart.Bars(chart.Axes{Alt: alt, X: unit}, names, parts))
}
