package report

import (
	"html/template"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// Part is a part of every bar.
type Part struct {
	Color Color
	Sizes []float64 // one for each bar
}

// Bars draws bars of stacked parts, one below the other. What the colours mean is
// the page's to say. Without bars there is no drawing.
func Bars(a Axes, names []string, parts []Part) (template.HTML, error) {
	if len(names) == 0 {
		return "", nil
	}
	p := a.plot()
	var below *plotter.BarChart
	for _, part := range parts {
		values := make(plotter.Values, len(names))
		for i, size := range part.Sizes {
			values[len(values)-1-i] = size
		}
		bar, err := plotter.NewBarChart(values, vg.Length(12))
		if err != nil {
			return "", err
		}
		bar.Horizontal, bar.Color, bar.LineStyle.Width = true, part.Color.rgba(), 0
		if below != nil {
			bar.StackOn(below)
		}
		p.Add(bar)
		below = bar
	}
	reversed := make([]string, len(names))
	for i, name := range names {
		reversed[len(names)-1-i] = name
	}
	rows(p, reversed)
	p.X.Min = 0
	p.X.Tick.Marker = wholes{}
	return a.draw(p, height(len(names)))
}
