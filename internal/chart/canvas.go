package chart

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

const (
	fontSize = 10
	rowSize  = 20 // a row of bars or estimates
	tickSize = 4
	least    = 40 // narrowest area inside the axes
	fonts    = "Liberation Sans, Arial, Helvetica, sans-serif"
)

// canvas is the drawing of a chart whose axes are known.
type canvas struct {
	strings.Builder
	x, y                     axis
	left, right, top, bottom float64 // the area inside the axes
	width, height            float64
}

// begin lays a chart out: labels get the room that they need, and the area inside
// the axes what is left.
func (a Axes) begin(height float64, x, y axis) *canvas {
	c := &canvas{x: x, y: y, width: Width, height: height, top: 8, bottom: height - 18}
	if a.Title != "" {
		c.top = 26
	}
	if a.X != "" {
		c.bottom -= 14
	}
	c.y.choose(c.bottom-c.top, func(string) float64 { return 1.6 * fontSize })
	c.left = 10
	for _, t := range c.y.ticks {
		c.left = math.Max(c.left, 10+textWidth(t.label))
	}
	if a.Y != "" {
		c.left += 16
	}
	c.left = math.Min(c.left, Width-2*least)
	c.right = Width - 8
	c.x.choose(c.right-c.left, func(label string) float64 { return textWidth(label) + fontSize })
	if n := len(c.x.ticks); n > 0 { // half of the last label may stand over its tick
		last := c.x.ticks[n-1]
		over := c.x.at(last.value, c.left, c.right) + textWidth(last.label)/2 - Width
		c.right -= math.Max(0, over+2)
	}

	fmt.Fprintf(c, `<svg class="chart" role="img" viewBox="0 0 %d %s" fill="currentColor" font-family="%s" font-size="%d"><title>%s</title>`,
		Width, number(height), fonts, fontSize, html.EscapeString(a.Alt))
	if a.Title != "" {
		c.text(c.left, 16, "start", a.Title)
	}
	if a.X != "" {
		c.text((c.left+c.right)/2, height-4, "middle", a.X)
	}
	if a.Y != "" {
		middle := (c.top + c.bottom) / 2
		fmt.Fprintf(c, `<text x="12" y="%s" text-anchor="middle" transform="rotate(-90 12 %[1]s)">%s</text>`, number(middle), html.EscapeString(a.Y))
	}
	for _, t := range c.x.ticks {
		x := c.atX(t.value)
		c.grid(x, c.top, x, c.bottom+tickSize)
		c.text(x, c.bottom+14, "middle", t.label)
	}
	for _, t := range c.y.ticks {
		y := c.atY(t.value)
		if !c.y.rows {
			c.grid(c.left-tickSize, y, c.right, y)
		}
		c.text(c.left-6, y+3.5, "end", t.label)
	}
	return c
}

// end closes the drawing, with the axes on top of what it shows.
func (c *canvas) end() string {
	fmt.Fprintf(c, `<path d="M%s %sV%sH%s" fill="none" stroke="currentColor"/></svg>`, number(c.left), number(c.top), number(c.bottom), number(c.right))
	return c.String()
}

func (c *canvas) atX(v float64) float64 { return c.x.at(v, c.left, c.right) }
func (c *canvas) atY(v float64) float64 { return c.y.at(v, c.bottom, c.top) }

func (c *canvas) text(x, y float64, anchor, s string) {
	if s == "" {
		return
	}
	fmt.Fprintf(c, `<text x="%s" y="%s" text-anchor="%s">%s</text>`, number(x), number(y), anchor, html.EscapeString(s))
}

func (c *canvas) grid(x1, y1, x2, y2 float64) {
	fmt.Fprintf(c, `<path d="M%s %sL%s %s" stroke="currentColor" stroke-opacity="0.15"/>`, number(x1), number(y1), number(x2), number(y2))
}

func (c *canvas) line(color Color, width, x1, y1, x2, y2 float64) {
	fmt.Fprintf(c, `<path d="M%s %sL%s %s" stroke="%s" stroke-width="%s"/>`, number(x1), number(y1), number(x2), number(y2), color.attribute(), number(width))
}

func (c *canvas) rect(color Color, x1, y1, x2, y2 float64) {
	if x2 > x1 && y2 > y1 {
		fmt.Fprintf(c, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>`, number(x1), number(y1), number(x2-x1), number(y2-y1), color.attribute())
	}
}

func (c *canvas) dot(color Color, x, y, radius float64) {
	fmt.Fprintf(c, `<circle cx="%s" cy="%s" r="%s" fill="%s"/>`, number(x), number(y), number(radius), color.attribute())
}

func (c Color) attribute() string { return html.EscapeString(string(c)) }

// number is a coordinate.
func number(x float64) string {
	return strconv.FormatFloat(math.Round(x*100)/100+0, 'f', -1, 64) // + 0: no -0
}

// textWidth is the most that a text takes, in whichever of the usual fonts.
func textWidth(s string) float64 {
	width := 0.0
	for _, r := range s {
		switch {
		case strings.ContainsRune("fijlrtI.,:;'|![]() ", r):
			width += 0.4
		case strings.ContainsRune("mwMW@%", r) || r > 0x2fff:
			width += 1
		case 'A' <= r && r <= 'Z':
			width += 0.75
		default:
			width += 0.64
		}
	}
	return fontSize * width
}

// axis is a range of numbers, with marks at some.
type axis struct {
	low, high float64
	margin    float64 // what is left free at both ends, in units of the drawing
	whole     bool    // marks stand at whole numbers
	rows      bool    // marks are names of rows
	ticks     []tick
}

type tick struct {
	value float64
	label string
}

// around is the axis of values: wide enough for marks that can be told apart.
func around(values ...float64) axis {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		low, high = math.Min(low, v), math.Max(high, v)
	}
	const tiny = 1e-290 // no step is below what a float can hold
	magnitude := math.Max(math.Abs(low), math.Abs(high))
	switch {
	case low > high:
		low, high = 0, 1
	case magnitude < tiny:
		low, high = -1, 1
	case high == low:
		low, high = low-magnitude/10, high+magnitude/10
	case high-low < 1e-6*magnitude:
		low, high = low-1e-6*magnitude, high+1e-6*magnitude
	}
	return axis{low: low, high: high, margin: 6}
}

// named is the axis of rows, the first on top.
func named(names []string) axis {
	a := axis{low: -0.5, high: float64(len(names)) - 0.5, rows: true}
	for i, name := range names {
		a.ticks = append(a.ticks, tick{float64(len(names) - 1 - i), name})
	}
	return a
}

// at is where a value stands between two ends of the drawing.
func (a axis) at(v, from, to float64) float64 {
	margin := math.Copysign(a.margin, to-from)
	return from + margin + (to-from-2*margin)*((v-a.low)/(a.high-a.low))
}

// choose marks an axis that has no marks yet at round numbers: as many as there
// is room for, up to eight. Of marks that it has, those keep their labels that
// there is room for. need is the room that a label wants.
func (a *axis) choose(size float64, need func(label string) float64) {
	if a.rows {
		return
	}
	unit := (size - 2*a.margin) / (a.high - a.low)
	widest := func(ticks []tick) (most float64) {
		for _, t := range ticks {
			most = math.Max(most, need(t.label))
		}
		return most
	}
	if a.ticks != nil { // at one, two, three, ...
		every := int(math.Ceil(widest(a.ticks) / unit))
		for i := range a.ticks {
			if i%every != 0 {
				a.ticks[i].label = ""
			}
		}
		return
	}
	for n := 8; ; n-- {
		step := a.step(n)
		ticks := a.every(step)
		if n == 1 || widest(ticks) <= step*unit {
			a.ticks = ticks
			return
		}
	}
}

// step is the smallest of 1, 2 and 5 times a power of ten that divides the axis
// into n parts at most.
func (a axis) step(n int) float64 {
	least := (a.high - a.low) / float64(n)
	power := math.Pow10(int(math.Floor(math.Log10(least))))
	for _, times := range []float64{1, 2, 5, 10, 20} {
		if step := times * power; step >= least && (!a.whole || step >= 1) {
			return step
		}
	}
	return 1 // parts of wholes
}

// every marks the multiples of step.
func (a axis) every(step float64) []tick {
	var ticks []tick
	digits := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	magnitude := math.Max(math.Abs(a.low), math.Abs(a.high))
	for i := math.Ceil(a.low/step - 1e-9); i*step <= a.high+1e-9*step; i++ {
		v := float64(i * step)
		label := strconv.FormatFloat(v+0, 'f', digits, 64)
		if magnitude >= 1e6 || digits > 6 {
			places := int(math.Floor(math.Log10(magnitude))) - int(math.Floor(math.Log10(step)+1e-9))
			label = strconv.FormatFloat(v+0, 'e', min(max(places, 0), 15), 64)
		}
		if v == 0 {
			label = "0"
		}
		ticks = append(ticks, tick{v, label})
	}
	return ticks
}
