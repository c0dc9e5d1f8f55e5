package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// mostPoints is how many points of a line are drawn; of more, the means of
// neighbours.
const mostPoints = 600

// Series is a line, with an interval around each point where Low is not nil.
type Series struct {
	Name      string
	Color     Color
	X, Y      []float64
	Low, High []float64
}

// Lines draws series over a common axis of whole numbers, below a list of their
// names where there are several. Points are marked where there are few.
func Lines(a Axes, lines []Series) (template.HTML, error) {
	p := a.plot()
	for _, s := range lines {
		s = s.thin()
		if len(s.X) == 0 {
			continue
		}
		line, points, err := plotter.NewLinePoints(s)
		if err != nil {
			return "", err
		}
		line.Color, points.Color = s.Color.rgba(), s.Color.rgba()
		line.Width, points.Shape, points.Radius = 1.5, draw.CircleGlyph{}, 2.5
		p.Add(line)
		if len(s.X) <= 40 {
			p.Add(points)
		}
		if s.Low != nil {
			bars, err := plotter.NewYErrorBars(s)
			if err != nil {
				return "", err
			}
			bars.Color = s.Color.rgba()
			p.Add(bars)
		}
	}
	p.X.Tick.Marker = wholes{}
	p.Y.Padding, p.X.Padding = 4, 4
	widen(&p.X)
	widen(&p.Y)
	drawn, err := a.draw(p, 220)
	return legend(lines) + drawn, err
}

// legend lists the names of lines. In the drawing it would lie on the lines.
func legend(lines []Series) template.HTML {
	if len(lines) < 2 {
		return ""
	}
	var b strings.Builder
	for _, s := range lines {
		fmt.Fprintf(&b, `<li class="key v%d">%s</li>`, s.Color, html.EscapeString(s.Name))
	}
	return template.HTML(`<ul class="legend">` + b.String() + "</ul>")
}

// Len, XY and YError are what the plotters read.
func (s Series) Len() int                    { return len(s.X) }
func (s Series) XY(i int) (float64, float64) { return s.X[i], s.Y[i] }
func (s Series) YError(i int) (float64, float64) {
	return math.Max(0, s.Y[i]-s.Low[i]), math.Max(0, s.High[i]-s.Y[i])
}

// thin leaves points out that have no place in a chart, and takes means where there are many.
func (s Series) thin() Series {
	out := Series{Name: s.Name, Color: s.Color}
	for i := range s.X {
		if !finite(s.X[i]) || !finite(s.Y[i]) || s.Low != nil && !(finite(s.Low[i]) && finite(s.High[i])) {
			continue
		}
		out.X, out.Y = append(out.X, s.X[i]), append(out.Y, s.Y[i])
		if s.Low != nil {
			out.Low, out.High = append(out.Low, s.Low[i]), append(out.High, s.High[i])
		}
	}
	if len(out.X) <= mostPoints {
		return out
	}
	step := (len(out.X) + mostPoints - 1) / mostPoints
	thin := Series{Name: s.Name, Color: s.Color}
	for i := 0; i < len(out.X); i += step {
		to := min(i+step, len(out.X))
		thin.X, thin.Y = append(thin.X, mean(out.X[i:to])), append(thin.Y, mean(out.Y[i:to]))
	}
	return thin
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v / float64(len(values))
	}
	return sum
}

// finite says whether a chart has a place for x.
func finite(x float64) bool { return math.Abs(x) < 1e100 }

// widen gives an axis a range that ticks can be told apart on.
func widen(a *plot.Axis) {
	if least := 1e-6 * math.Max(math.Abs(a.Min), math.Abs(a.Max)); !math.IsInf(a.Min, 0) && a.Max-a.Min <= least {
		a.Min, a.Max = a.Min-least, a.Max+least
	}
}

// Estimate is a value with its interval.
type Estimate struct {
	Name             string
	Color            Color
	Value, Low, High float64
}

// Estimates draws one below the other, on an axis from 0 to 1.
func Estimates(a Axes, values []Estimate) (template.HTML, error) {
	p := a.plot()
	var names []string
	for i := range values {
		e := values[len(values)-1-i] // the first on top
		names = append(names, e.Name)
		at := estimates{e, float64(i)}
		point, err := plotter.NewScatter(at)
		if err != nil {
			return "", err
		}
		bar, err := plotter.NewXErrorBars(at)
		if err != nil {
			return "", err
		}
		point.Color, bar.Color, bar.Width = e.Color.rgba(), e.Color.rgba(), 1.5
		point.Shape, point.Radius = draw.CircleGlyph{}, 3
		p.Add(bar, point)
	}
	p.X.Min, p.X.Max = 0, 1
	p.X.Tick.Marker = plot.ConstantTicks(tenths())
	rows(p, names)
	return a.draw(p, height(len(values)))
}

type estimates struct {
	Estimate
	at float64
}

func (e estimates) Len() int                       { return 1 }
func (e estimates) XY(int) (float64, float64)      { return e.Value, e.at }
func (e estimates) XError(int) (low, high float64) { return e.Value - e.Low, e.High - e.Value }

func tenths() []plot.Tick {
	var ticks []plot.Tick
	for i := 0; i <= 10; i++ {
		t := plot.Tick{Value: float64(i) / 10}
		if i%2 == 0 {
			t.Label = []string{"0", "0.2", "0.4", "0.6", "0.8", "1"}[i/2]
		}
		ticks = append(ticks, t)
	}
	return ticks
}

// rows names the rows of a plot from the bottom up.
func rows(p *plot.Plot, names []string) {
	p.NominalY(names...)
	p.Y.Min, p.Y.Max = -0.5, float64(len(names))-0.5
	p.Y.Padding = 8 // where the fonts are missing, others are wider
}

func height(rows int) vg.Length { return vg.Length(44 + 20*rows) }
