package report

import (
	"fmt"
	"html/template"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// binsOfTen is how many bins a power of ten has.
const binsOfTen = 5

// Histogram draws how amounts are distributed, over powers of ten. What is below
// one counts as one.
func Histogram(a Axes, color Color, amounts []uint64) (template.HTML, error) {
	p := a.plot()
	logs := make([]float64, len(amounts))
	low, high := math.Inf(1), 0.0
	for i, n := range amounts {
		logs[i] = math.Log10(float64(max(n, 1)))
		low, high = math.Min(low, logs[i]), math.Max(high, logs[i])
	}
	if len(logs) == 0 {
		low = 0
	}
	low = math.Floor(low)
	high = math.Max(math.Floor(high)+1, low+1)
	bins := make([]plotter.HistogramBin, int(high-low)*binsOfTen)
	for i := range bins {
		bins[i].Min, bins[i].Max = low+float64(i)/binsOfTen, low+float64(i+1)/binsOfTen
	}
	for _, x := range logs {
		bins[min(int((x-low)*binsOfTen), len(bins)-1)].Weight++
	}
	p.Add(&plotter.Histogram{Bins: bins, Width: 1.0 / binsOfTen, FillColor: color.rgba()})
	p.X.Min, p.X.Max, p.Y.Min = low, high, 0
	var ticks plot.ConstantTicks
	for x := low; x <= high; x++ {
		ticks = append(ticks, plot.Tick{Value: x, Label: power(int(x))})
	}
	p.X.Tick.Marker = ticks
	p.Y.Tick.Marker = wholes{}
	return a.draw(p, 180)
}

// power is a power of ten for people: 10 k, 1 M, 100 G.
func power(x int) string {
	zeros, unit := x%3, x/3
	return fmt.Sprintf("%d%s", int(math.Pow10(zeros)), []string{"", " k", " M", " G", " T", " P", " E"}[unit])
}

// wholes are ticks at whole numbers.
type wholes struct{}

func (wholes) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for _, t := range (plot.DefaultTicks{}).Ticks(low, high) {
		if t.Value != math.Trunc(t.Value) {
			continue
		}
		if t.Label != "" {
			t.Label = fmt.Sprint(int(t.Value))
		}
		ticks = append(ticks, t)
	}
	return ticks
}
