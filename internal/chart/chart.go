// Package chart draws the charts of reports and of training runs as SVG: lines
// with intervals, estimates, stacked bars, histograms.
//
// Invariant: the same numbers give the same bytes. Every chart says in a title
// element what it shows, carries no style and no font of its own, takes its text
// colour from where it stands, and names colours as the caller does, so that a
// page's variables may stand for them. No label lies on another one.
//
// It imports nothing of ours.
package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Size of a chart, in the units of its own drawing: whoever shows it scales it.
const (
	Width  = 560
	Height = 220 // of a chart whose rows don't make its height
)

// Color is a colour as CSS has it: #1f77b4, var(--c3).
type Color string

// Axes are what a chart is about.
type Axes struct {
	Alt   string // the chart in words
	X, Y  string
	Title string // stands above the chart, where there is one, with the names of its lines
}

const (
	mostPoints = 600 // of a line; of more, the means of neighbours are drawn
	mostDots   = 40  // a line of more has no dots on its points
)

// Series is a line, with an interval around each point where Low is not nil.
type Series struct {
	Name      string
	Color     Color
	Dots      bool // points without a line between them
	X, Y      []float64
	Low, High []float64
}

// Lines draws series over a common axis of whole numbers.
func Lines(a Axes, lines []Series) string {
	var xs, ys []float64
	lines = slices.Clone(lines)
	for i, s := range lines {
		s = s.thin()
		lines[i] = s
		xs = append(xs, s.X...)
		ys = slices.Concat(ys, s.Y, s.Low, s.High)
	}
	x := around(xs...)
	x.whole = true
	c := a.begin(Height, x, around(ys...))
	for _, s := range lines {
		if len(s.X) == 0 {
			continue
		}
		if !s.Dots {
			path := make([]string, len(s.X))
			for i := range s.X {
				path[i] = number(c.atX(s.X[i])) + " " + number(c.atY(s.Y[i]))
			}
			fmt.Fprintf(c, `<path d="M%s" fill="none" stroke="%s" stroke-width="1.5"/>`, strings.Join(path, "L"), s.Color.attribute())
		}
		for i := range s.X {
			x := c.atX(s.X[i])
			if s.Dots || len(s.X) <= mostDots {
				c.dot(s.Color, x, c.atY(s.Y[i]), 2.5)
			}
			if s.Low != nil {
				low, high := c.atY(math.Min(s.Low[i], s.Y[i])), c.atY(math.Max(s.High[i], s.Y[i]))
				c.line(s.Color, 1, x, low, x, high)
				c.line(s.Color, 1, x-3, low, x+3, low)
				c.line(s.Color, 1, x-3, high, x+3, high)
			}
		}
	}
	if a.Title != "" {
		c.key(lines)
	}
	return c.end()
}

// key names the lines that have names above the chart, from the right to the left.
func (c *canvas) key(lines []Series) {
	if len(lines) < 2 {
		return
	}
	x := c.right
	for _, s := range slices.Backward(lines) {
		if s.Name == "" {
			continue
		}
		c.text(x, 16, "end", s.Name)
		x -= textWidth(s.Name) + 6
		if s.Dots {
			c.dot(s.Color, x-6, 12.5, 2.5)
		} else {
			c.line(s.Color, 1.5, x-12, 12.5, x, 12.5)
		}
		x -= 24
	}
}

// thin leaves points out that have no place in a chart, and takes means where there are many.
func (s Series) thin() Series {
	out := Series{Name: s.Name, Color: s.Color, Dots: s.Dots}
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
	thin := Series{Name: s.Name, Color: s.Color, Dots: s.Dots}
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

// Estimate is a value with its interval.
type Estimate struct {
	Name             string
	Color            Color
	Value, Low, High float64
}

// Estimates draws one below the other, on an axis from 0 to 1.
func Estimates(a Axes, values []Estimate) string {
	names := make([]string, len(values))
	for i, e := range values {
		names[i] = e.Name
	}
	c := a.begin(rows(len(values)), axis{high: 1, margin: 6}, named(names))
	for i, e := range values {
		y := c.atY(float64(len(values) - 1 - i))
		low, high := c.atX(e.Low), c.atX(e.High)
		c.line(e.Color, 1.5, low, y, high, y)
		c.line(e.Color, 1.5, low, y-4, low, y+4)
		c.line(e.Color, 1.5, high, y-4, high, y+4)
		c.dot(e.Color, c.atX(e.Value), y, 3)
	}
	return c.end()
}

// Part is a part of every bar.
type Part struct {
	Color Color
	Sizes []float64 // one for each bar
}

// Bars draws bars of stacked parts, one below the other. What the colours mean is
// the page's to say. Without bars there is no drawing.
func Bars(a Axes, names []string, parts []Part) string {
	if len(names) == 0 {
		return ""
	}
	sums := make([]float64, len(names))
	for _, p := range parts {
		for i, size := range p.Sizes {
			sums[i] += size
		}
	}
	c := a.begin(rows(len(names)), axis{high: math.Max(slices.Max(sums), 1), whole: true}, named(names))
	clear(sums)
	for _, p := range parts {
		for i, size := range p.Sizes {
			y := c.atY(float64(len(names) - 1 - i))
			c.rect(p.Color, c.atX(sums[i]), y-6, c.atX(sums[i]+size), y+6)
			sums[i] += size
		}
	}
	return c.end()
}

// rows is the height of a chart of n rows.
func rows(n int) float64 { return float64(40 + rowSize*n) }

// binsOfTen is how many bins a power of ten has.
const binsOfTen = 5

// Histogram draws how amounts are distributed, over powers of ten. What is below
// one counts as one.
func Histogram(a Axes, color Color, amounts []uint64) string {
	logs := make([]float64, len(amounts))
	for i, n := range amounts {
		logs[i] = math.Log10(float64(max(n, 1)))
	}
	low, high := 0.0, 1.0
	if len(logs) > 0 {
		low = math.Floor(slices.Min(logs))
		high = math.Floor(slices.Max(logs)) + 1
	}
	bins := make([]float64, int(high-low)*binsOfTen)
	for _, x := range logs {
		bins[min(int((x-low)*binsOfTen), len(bins)-1)]++
	}
	x := axis{low: low, high: high}
	for at := low; at <= high; at++ {
		x.ticks = append(x.ticks, tick{at, power(int(at))})
	}
	c := a.begin(180, x, axis{high: math.Max(slices.Max(bins), 1), whole: true})
	for i, n := range bins {
		from, to := low+float64(i)/binsOfTen, low+float64(i+1)/binsOfTen
		c.rect(color, c.atX(from)+0.5, c.atY(n), c.atX(to)-0.5, c.bottom)
	}
	return c.end()
}

// power is a power of ten for people: 10 k, 1 M, 100 G.
func power(x int) string {
	zeros, unit := x%3, x/3
	return fmt.Sprintf("%d%s", int(math.Pow10(zeros)), []string{"", " k", " M", " G", " T", " P", " E"}[unit])
}

// Sheet draws charts side by side, as a file of its own on a white ground.
func Sheet(across int, charts []string) string {
	rows := (len(charts) + across - 1) / across
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%d" color="black"><rect width="100%%" height="100%%" fill="white"/>`,
		across*(Width+12), rows*(Height+12))
	b.WriteByte('\n')
	for i, c := range charts {
		at := fmt.Sprintf(`<svg x="%d" y="%d" width="%d" height="%d"`, i%across*(Width+12)+6, i/across*(Height+12)+6, Width, Height)
		b.WriteString(at + strings.TrimPrefix(c, "<svg") + "\n")
	}
	b.WriteString("</svg>\n")
	return b.String()
}
