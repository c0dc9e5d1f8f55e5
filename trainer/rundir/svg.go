package rundir

import (
	"bytes"
	"errors"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/assay-dev/assay/trainer"
)

// Size of a panel, in points, and how many stand side by side.
const (
	wide, high = 360, 220
	across     = 2
)

var (
	colors = []color.Color{color.RGBA{R: 31, G: 119, B: 180, A: 255}, color.RGBA{R: 214, G: 39, B: 40, A: 255}}
	dotted = color.RGBA{R: 90, G: 90, B: 90, A: 255} // what was held out
)

var errNothing = errors.New("there is no figure to draw")

// SVG draws the steps, and what was held out as points.
func SVG(steps, held []trainer.Figures) ([]byte, error) {
	var plots []*plot.Plot
	for _, p := range Panels {
		drawn, err := p.plot(steps, held)
		if err != nil {
			return nil, err
		}
		if drawn != nil {
			plots = append(plots, drawn)
		}
	}
	if len(plots) == 0 {
		return nil, errNothing
	}
	rows := (len(plots) + across - 1) / across
	canvas := vgsvg.New(wide*across, vg.Length(high*rows))
	tiles := draw.Tiles{Rows: rows, Cols: across, PadX: 12, PadY: 12, PadTop: 6, PadBottom: 6, PadLeft: 6, PadRight: 12}
	whole := draw.New(canvas)
	for i, p := range plots {
		p.Draw(tiles.At(whole, i%across, i/across))
	}
	var out bytes.Buffer
	_, err := canvas.WriteTo(&out)
	return out.Bytes(), err
}

// plot is nil where there is none of the figures.
func (p Panel) plot(steps, held []trainer.Figures) (*plot.Plot, error) {
	out := plot.New()
	out.Title.Text, out.X.Label.Text = p.Title, "step"
	any := false
	for i, name := range p.Names {
		l := lineOf(steps, name)
		if l.Len() == 0 {
			continue
		}
		any = true
		drawn, err := plotter.NewLine(l)
		if err != nil {
			return nil, err
		}
		drawn.Color, drawn.Width = colors[i], 1.2
		out.Add(drawn)
		if len(p.Names) > 1 {
			out.Legend.Add(name, drawn)
		}
		points := lineOf(held, heldOut(name))
		if points.Len() == 0 {
			continue
		}
		marks, err := plotter.NewScatter(points)
		if err != nil {
			return nil, err
		}
		marks.Color, marks.Shape, marks.Radius = dotted, draw.CircleGlyph{}, 2.5
		out.Add(marks)
		if len(p.Names) == 1 {
			out.Legend.Add("held out", marks)
		}
	}
	if !any {
		return nil, nil
	}
	out.Legend.Top = true
	return out, nil
}
