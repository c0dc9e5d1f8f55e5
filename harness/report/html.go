package report

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/assay-dev/assay/harness/failures"
	"github.com/assay-dev/assay/harness/score"
	"github.com/assay-dev/assay/internal/chart"
	"github.com/assay-dev/assay/internal/humanize"
)

//go:embed page
var files embed.FS

// The page's own style and script, whose hashes are all that its policy allows.
var (
	pageStyle  = mustRead("page/page.css")
	pageScript = mustRead("page/page.js")
)

func mustRead(name string) string {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(data)
}

var pages = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"grouped": humanize.Grouped, "memory": memory, "percent": percent, "rate": rateText, "interval": interval,
		"cause": causeText, "line": line, "first": firstOf, "plural": humanize.Plural, "list": func(x ...any) []any { return x },
		"verdict": verdictOf,
	}).ParseFS(files, "page/*.html"))
})

// html writes the report as one page that needs nothing else.
func (r *Report) html(w io.Writer) error {
	return pages().ExecuteTemplate(w, "page.html", struct {
		*Report
		Policy template.HTMLAttr
		Style  template.CSS
		Script template.JS
	}{
		r, template.HTMLAttr(fmt.Sprintf(`content="default-src 'none'; script-src '%s'; style-src '%s'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"`, hash(pageScript), hash(pageStyle))),
		template.CSS(pageStyle), template.JS(pageScript),
	})
}

// hash is a source as a policy names it.
func hash(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Data is the pages of the run's samples.
func (e *evalRun) Data() (string, error) { return e.pages.packed() }

// Data is the pages of the traces.
func (f *flow) Data() (string, error) { return f.pages.packed() }

// FuelChart shows how the programs' fuel is distributed.
func (e *evalRun) FuelChart() template.HTML {
	amounts := make([]uint64, len(e.Rows))
	for i, row := range e.Rows {
		amounts[i] = row.Fuel
	}
	return template.HTML(chart.Histogram(chart.Axes{Alt: "Distribution of fuel over the samples", X: "fuel", Y: "samples"}, color(series(0)), amounts))
}

// mostKinds is how many kinds of failures a chart tells apart.
const mostKinds = 12

// KindChart shows what samples failed of: types of exceptions, kinds of wrong
// answers and what else ended a program, wherever it was; "" where none failed.
func (e *evalRun) KindChart() template.HTML {
	n := map[failures.Cause]int{} // without a place
	for _, c := range e.Errors.Causes {
		n[failures.Cause{Verdict: c.Verdict, Kind: c.Kind}] += c.Samples
	}
	kinds := slices.SortedFunc(maps.Keys(n), func(a, b failures.Cause) int {
		return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(a.Kind, b.Kind))
	})
	if len(kinds) == 0 {
		return ""
	}
	kinds = kinds[:min(len(kinds), mostKinds)]
	var names []string
	var parts []chart.Part
	for i, k := range kinds {
		names = append(names, short(line(cmp.Or(k.Kind, string(k.Verdict)))))
		sizes := make([]float64, len(kinds))
		sizes[i] = float64(n[k])
		parts = append(parts, chart.Part{Color: color(verdictOf(k.Verdict).Color), Sizes: sizes})
	}
	return template.HTML(chart.Bars(chart.Axes{Alt: "What samples failed of, the most frequent first; the table of causes has the numbers", X: "samples"}, names, parts))
}

// ScoreChart shows all scores of the eval runs with their intervals.
func (r *Report) ScoreChart() template.HTML {
	var values []chart.Estimate
	for i, e := range r.Runs {
		for _, s := range e.Scores {
			values = append(values, chart.Estimate{
				Name: strings.Join([]string{short(e.Name), s.Set, s.Name()}, " "), Color: color(series(i)),
				Value: s.Value, Low: s.Interval.Low, High: s.Interval.High,
			})
		}
	}
	if len(values) == 0 {
		return ""
	}
	return template.HTML(chart.Estimates(chart.Axes{Alt: "Scores with their intervals; the table has the numbers", X: "share of tasks"}, values))
}

// VerdictChart shows the verdicts of the eval runs as stacked bars.
func (r *Report) VerdictChart() template.HTML {
	var names []string
	var counts [][]count
	for _, e := range r.Runs {
		names, counts = append(names, short(e.Name)), append(counts, e.Verdicts)
	}
	return verdictBars("Verdicts of each run as stacked bars; the tables have the numbers", "samples", names, counts)
}

// curve is a line of a chart in one of the page's colours.
type curve struct {
	chart.Series
	color int
}

// lines draws curves below a list of their names, which is the page's own where
// there are several: it breaks where the page is narrow.
func lines(a chart.Axes, curves []curve) template.HTML {
	var legend strings.Builder
	drawn := make([]chart.Series, len(curves))
	for i, c := range curves {
		drawn[i] = c.Series
		drawn[i].Color = color(c.color)
		fmt.Fprintf(&legend, `<li class="key v%d">%s</li>`, c.color, template.HTMLEscapeString(c.Name))
	}
	svg := chart.Lines(a, drawn)
	if len(curves) > 1 {
		svg = `<ul class="legend">` + legend.String() + "</ul>" + svg
	}
	return template.HTML(svg)
}

// short is a name that a chart has room for.
func short(s string) string {
	const most = 24
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

func rateText(e *score.Estimate) string {
	if e == nil {
		return "–"
	}
	return percent(e.Value)
}

func interval(e *score.Estimate) string {
	if e == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f to %.1f", 100*e.Interval.Low, 100*e.Interval.High)
}

// causeText is a cause in a line; a pass has none.
func causeText(c failures.Cause) string {
	if c == (failures.Cause{}) {
		return "pass"
	}
	out := string(c.Verdict)
	for _, part := range []string{c.Kind, c.Where} {
		if part != "" {
			out += ", " + part
		}
	}
	return line(out)
}

// firstOf are the first tasks of a list, and how many more there are.
func firstOf(n int, tasks []string) string {
	rest := ""
	if more := len(tasks) - n; more > 0 {
		tasks, rest = tasks[:n], fmt.Sprintf(" and %d more", more)
	}
	names := make([]string, len(tasks))
	for i, t := range tasks {
		names[i] = line(t)
	}
	return strings.Join(names, ", ") + rest
}
