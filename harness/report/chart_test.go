package report

import (
	"encoding/xml"
	"html/template"
	"io"
	"math"
	"strings"
	"testing"
)

// TestCharts: a chart is well-formed, says in words what it shows, and has no
// style of its own and no colour but the page's.
func TestCharts(t *testing.T) {
	axes := Axes{Alt: `what "it" <shows>`, X: "x", Y: "y & z"}
	long := Series{Name: "long", Color: 18}
	for i := range 10_000 {
		long.X, long.Y = append(long.X, float64(i)), append(long.Y, math.Sin(float64(i)/500))
	}
	draw := func(svg template.HTML, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return string(svg)
	}
	for name, test := range map[string]struct {
		svg  string
		says []string
	}{
		"lines": {draw(Lines(axes, []Series{
			{Name: "a<b", Color: 17, X: []float64{1, 2, math.NaN()}, Y: []float64{0, 1, 2}, Low: []float64{0, 0.5, 0}, High: []float64{0.5, 1, 3}},
			{Name: "c", Color: 18, X: []float64{1, 2}, Y: []float64{math.Inf(1), 2}},
		})), []string{`stroke="var(--c17)"`, `<li class="key v17">a&lt;b</li>`, ">y &amp; z</text>"}},
		"no points": {draw(Lines(axes, []Series{{Name: "none"}})), nil},
		"strange points": {draw(Lines(axes, []Series{
			{Color: 17, X: []float64{7, 7}, Y: []float64{1e99, 1e99}, Low: []float64{0, 0}, High: []float64{1e99, 1e300}},
		})), nil},
		"one point":   {draw(Lines(axes, []Series{{X: []float64{1}, Y: []float64{1e20}}})), nil},
		"tiny points": {draw(Lines(axes, []Series{{X: []float64{1, 2}, Y: []float64{5e-324, 1e-320}}})), nil},
		"zeros":       {draw(Lines(axes, []Series{{X: []float64{0}, Y: []float64{0}}})), nil},
		"many points": {draw(Lines(axes, []Series{long})), []string{"var(--c18)"}},
		"estimates":   {draw(Estimates(axes, []Estimate{{Name: "<run>", Color: 3, Value: 0.5, Low: 0.25, High: 0.75}})), []string{"var(--c3)", "&lt;run&gt;"}},
		"bars":        {draw(Bars(axes, []string{"one", "two"}, []Part{{Color: 0, Sizes: []float64{3, 4}}, {Color: 1, Sizes: []float64{1, 0}}})), []string{`fill="var(--c0)"`, `fill="var(--c1)"`}},
		"histogram":   {draw(Histogram(axes, 2, []uint64{0, 1, 10, 99, 1000, math.MaxUint64})), []string{"var(--c2)", ">10 E</text>"}},
		"no amounts":  {draw(Histogram(axes, 2, nil)), nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := xml.NewDecoder(strings.NewReader("<div>" + test.svg + "</div>"))
			for {
				token, err := d.Token()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatalf("%v in\n%s", err, test.svg)
				}
				start, _ := token.(xml.StartElement)
				for _, a := range start.Attr {
					if a.Name.Local == "style" || strings.Contains(a.Value, "#") {
						t.Errorf("<%s %s=%q>", start.Name.Local, a.Name.Local, a.Value)
					}
				}
			}
			for _, want := range append(test.says, "<title>what &#34;it&#34; &lt;shows&gt;</title>", `role="img"`) {
				if !strings.Contains(test.svg, want) {
					t.Errorf("no %s in\n%s", want, test.svg)
				}
			}
			if len(test.svg) > 40_000 {
				t.Errorf("%d bytes", len(test.svg))
			}
		})
	}
}
