package rundir

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/guptarohit/asciigraph"

	"github.com/assay-dev/assay/internal/chart"
	"github.com/assay-dev/assay/trainer"
)

// Panel is a drawing of figures that share an axis.
type Panel struct {
	Title string
	Names []string
}

// Panels are what is drawn, as far as there are figures: first what shows whether
// anything is learned.
var Panels = []Panel{
	{"loss", []string{"loss"}},
	{"rewards/margins", []string{"rewards/margins"}},
	{"rewards/accuracies", []string{"rewards/accuracies"}},
	{"rewards", []string{"rewards/chosen", "rewards/rejected"}},
	{"nll_loss", []string{"nll_loss"}},
	{"grad_norm", []string{"grad_norm"}},
}

// heldOut is what a figure is called where it is of pairs that were held out.
func heldOut(name string) string { return "eval_" + name }

// The colours of a panel's figures, which stand on white, and of what was held out.
var (
	colors = []chart.Color{"#1f77b4", "#d62728"}
	gray   = chart.Color("#5a5a5a")
)

var errNothing = errors.New("there is no figure to draw")

// svg draws the steps, and what was held out as points.
func svg(steps, held []trainer.Figures) ([]byte, error) {
	var charts []string
	for _, p := range Panels {
		var lines []chart.Series
		for i, name := range p.Names {
			l := seriesOf(steps, name)
			if len(l.X) == 0 {
				continue
			}
			l.Name, l.Color = name, colors[i]
			lines = append(lines, l)
			if points := seriesOf(held, heldOut(name)); len(points.X) > 0 {
				points.Color, points.Dots = gray, true
				if !slices.ContainsFunc(lines, func(s chart.Series) bool { return s.Dots }) {
					points.Name = "held out" // once
				}
				lines = append(lines, points)
			}
		}
		if len(lines) > 0 {
			charts = append(charts, chart.Lines(chart.Axes{Alt: "Curve of " + p.Title + " by step", Title: p.Title, X: "step"}, lines))
		}
	}
	if len(charts) == 0 {
		return nil, errNothing
	}
	return []byte(chart.Sheet(2, charts)), nil
}

// Size of a drawing in a terminal.
const (
	columns = 60
	rows    = 8
)

// terminal draws loss and margins as text; "" where there are no two steps.
func terminal(steps []trainer.Figures) string {
	var b strings.Builder
	for _, p := range Panels[:2] {
		l := seriesOf(steps, p.Names[0])
		if len(l.X) < 2 {
			continue
		}
		drawn := asciigraph.Plot(l.Y, asciigraph.Height(rows), asciigraph.Width(columns), asciigraph.Precision(3),
			asciigraph.Caption(fmt.Sprintf("%s, steps %.0f to %.0f", p.Title, l.X[0], l.X[len(l.X)-1])))
		b.WriteString(drawn + "\n\n")
	}
	return b.String()
}

// seriesOf is a figure over the steps.
func seriesOf(figures []trainer.Figures, name string) (s chart.Series) {
	for _, f := range figures {
		x, ok := f[name]
		step := f["step"]
		if ok && !math.IsNaN(x) && !math.IsInf(x, 0) && !math.IsNaN(step) && !math.IsInf(step, 0) {
			s.X, s.Y = append(s.X, step), append(s.Y, x)
		}
	}
	return s
}
