package report

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"image/color"
	"regexp"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Width of every chart, in the units of its own drawing: the page scales it.
const width = 560

// Color is the number of one of the page's colours.
type Color uint8

// rgba is what stands for the colour until the drawing is one of the page's.
func (c Color) rgba() color.Color { return color.RGBA{R: 1, G: 0, B: byte(c), A: 255} }

// Axes are what a chart is about.
type Axes struct {
	Alt  string // the chart in words
	X, Y string
}

// plot begins one in one font, without a ground of its own.
func (a Axes) plot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.X.Label.Text, p.Y.Label.Text = a.X, a.Y
	for _, f := range []*font.Font{
		&p.X.Label.TextStyle.Font, &p.Y.Label.TextStyle.Font,
		&p.X.Tick.Label.Font, &p.Y.Tick.Label.Font,
	} {
		f.Variant, f.Size = "Sans", 10
	}
	return p
}

// draw gives the element.
func (a Axes) draw(p *plot.Plot, height vg.Length) (template.HTML, error) {
	c := vgsvg.New(width, height)
	p.Draw(draw.Crop(draw.New(c), 2, -14, 2, -4)) // the last label is wider than its tick
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return "", fmt.Errorf("drawing a chart: %w", err)
	}
	_, body, ok := strings.Cut(b.String(), "<g ")
	if !ok {
		return "", fmt.Errorf("drawing a chart: the library's SVG has no group")
	}
	head := fmt.Sprintf(`<svg class="chart" role="img" viewBox="0 0 %d %v" fill="currentColor" font-family="Liberation Sans, Arial, Helvetica, sans-serif"><title>%s</title><g `,
		width, height.Points(), html.EscapeString(a.Alt))
	return template.HTML(head + styles.ReplaceAllStringFunc(body, attributes)), nil
}

var (
	styles      = regexp.MustCompile(`\s*style="[^"<>]*"`)
	members     = regexp.MustCompile(`(fill|stroke|stroke-width|stroke-dasharray|stroke-opacity|fill-opacity|font-size):([^;"]+)`)
	chartSeries = regexp.MustCompile(`^#0100([0-9A-F]{2})$`)
)

// attributes says as attributes what the library says as an inline style, which
// the page's policy forbids. Its fonts are the page's.
func attributes(style string) string {
	var b strings.Builder
	for _, m := range members.FindAllStringSubmatch(style, -1) {
		value := m[2]
		if c := chartSeries.FindStringSubmatch(value); c != nil {
			var n int
			fmt.Sscanf(c[1], "%X", &n) // two digits, as the pattern says
			value = fmt.Sprintf("var(--c%d)", n)
		} else if value == "#000000" {
			value = "currentColor"
		}
		fmt.Fprintf(&b, ` %s="%s"`, m[1], value)
	}
	return b.String()
}
