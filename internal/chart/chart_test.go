package chart

import (
	"encoding/xml"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func charts() map[string]string {
	axes := Axes{Alt: `what "it" <shows>`, X: "x", Y: "y & z"}
	long := Series{Name: "long", Color: "var(--c18)"}
	for i := range 10_000 {
		long.X, long.Y = append(long.X, float64(i)), append(long.Y, math.Sin(float64(i)/500))
	}
	titled := axes
	titled.Title = "a <title>"
	return map[string]string{
		"lines": Lines(axes, []Series{
			{Name: "a<b", Color: "var(--c17)", X: []float64{1, 2, math.NaN()}, Y: []float64{0, 1, 2}, Low: []float64{0, 0.5, 0}, High: []float64{0.5, 1, 3}},
			{Name: "c", Color: "var(--c18)", X: []float64{1, 2}, Y: []float64{math.Inf(1), 2}},
		}),
		"titled lines": Lines(titled, []Series{
			{Name: "rewards/chosen", Color: "var(--c17)", X: []float64{1, 2, 30}, Y: []float64{0, 1000, 2e5}},
			{Name: "rewards/rejected", Color: "var(--c18)", X: []float64{1, 2, 30}, Y: []float64{0, -1000, -2e5}},
			{Name: "held out", Color: "var(--c19)", Dots: true, X: []float64{10, 30}, Y: []float64{5, 2000}},
		}),
		"no points": Lines(axes, []Series{{Name: "none"}}),
		"strange points": Lines(axes, []Series{
			{Color: "var(--c17)", X: []float64{7, 7}, Y: []float64{1e99, 1e99}, Low: []float64{0, 0}, High: []float64{1e99, 1e300}},
			{Color: "var(--c17)", X: []float64{-9e99, 9e99}, Y: []float64{-9e99, 9e99}},
		}),
		"one point":   Lines(axes, []Series{{X: []float64{1}, Y: []float64{1e20}}}),
		"tiny points": Lines(axes, []Series{{X: []float64{1, 2}, Y: []float64{5e-324, 1e-320}}}),
		"near points": Lines(axes, []Series{{X: []float64{1, 2}, Y: []float64{0.2, 0.2000001}}, {X: []float64{1, 2}, Y: []float64{0.2, 0.2}}}),
		"small steps": Lines(axes, []Series{{X: []float64{1, 2, 3}, Y: []float64{0.00123, 0.00125, 0.00131}}}),
		"zeros":       Lines(axes, []Series{{X: []float64{0}, Y: []float64{0}}}),
		"many points": Lines(axes, []Series{long}),
		"big steps":   Lines(axes, []Series{{X: []float64{1, 123456789}, Y: []float64{-1, 1}}}),
		"estimates": Estimates(Axes{Alt: axes.Alt, X: "share"}, []Estimate{
			{Name: "<run>", Color: "var(--c3)", Value: 0.5, Low: 0.25, High: 0.75},
			{Name: "Qwen2.5-Coder-32B-Instr… plus pass@10", Color: "var(--c4)", Value: 1, Low: 0.97, High: 1},
			{Name: "another", Color: "var(--c5)", Value: 0, Low: 0, High: 0.02},
		}),
		"bars": Bars(axes, []string{"one", "two", "nothing"}, []Part{
			{Color: "var(--c0)", Sizes: []float64{3, 4, 0}}, {Color: "var(--c1)", Sizes: []float64{1, 0, 0}},
		}),
		"many bars":  Bars(axes, []string{strings.Repeat("W", 80)}, []Part{{Color: "var(--c0)", Sizes: []float64{123456789}}}),
		"histogram":  Histogram(axes, "var(--c2)", []uint64{0, 1, 10, 99, 1000, 1000, 1000, math.MaxUint64}),
		"no amounts": Histogram(axes, "var(--c2)", nil),
	}
}

// TestCharts: a chart is well-formed, says in words what it shows, has no style
// of its own and no colour but those that it was given, and lays no label on
// another one or over its edge. SHOTS, a folder, gets the charts for the eye.
func TestCharts(t *testing.T) {
	says := map[string][]string{
		"lines":        {`stroke="var(--c17)"`, ">y &amp; z</text>"},
		"titled lines": {">a &lt;title&gt;</text>", ">held out</text>"},
		"many points":  {"var(--c18)"},
		"estimates":    {"var(--c3)", "&lt;run&gt;"},
		"bars":         {`fill="var(--c0)"`, `fill="var(--c1)"`},
		"histogram":    {"var(--c2)", ">1 E</text>"},
	}
	for name, svg := range charts() {
		t.Run(name, func(t *testing.T) {
			for d := xml.NewDecoder(strings.NewReader(svg)); ; {
				token, err := d.Token()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatalf("%v in\n%s", err, svg)
				}
				start, _ := token.(xml.StartElement)
				for _, a := range start.Attr {
					if a.Name.Local == "style" || strings.Contains(a.Value, "#") || strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
						t.Errorf("<%s %s=%q>", start.Name.Local, a.Name.Local, a.Value)
					}
				}
			}
			for _, want := range append(says[name], "<title>what &#34;it&#34; &lt;shows&gt;</title>", `role="img"`) {
				if !strings.Contains(svg, want) {
					t.Errorf("no %s in\n%s", want, svg)
				}
			}
			if len(svg) > 40_000 {
				t.Errorf("%d bytes", len(svg))
			}
			if name != "many bars" { // whose name is wider than any chart
				apart(t, svg)
			}
			if dir := os.Getenv("ASSAY_SHOTS"); dir != "" {
				sheet := strings.NewReplacer("var(--c0)", "green", "var(--c1)", "crimson", "var(--c17)", "steelblue", "var(--c18)", "orange").Replace(Sheet(1, []string{svg}))
				if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".svg"), []byte(sheet), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	again := charts()
	for name, svg := range charts() {
		if again[name] != svg {
			t.Errorf("%s: another drawing", name)
		}
	}
	if svg := Bars(Axes{}, nil, nil); svg != "" {
		t.Errorf("bars of nothing: %s", svg)
	}
}

var label = regexp.MustCompile(`<text x="([^"]*)" y="([^"]*)" text-anchor="(start|middle|end)">([^<]*)</text>`)

// apart sees that no label that stands upright lies on another one or leaves the
// drawing.
func apart(t *testing.T, svg string) {
	t.Helper()
	type box struct {
		left, right, y float64
		text           string
	}
	var boxes []box
	labels := 0
	for _, m := range label.FindAllStringSubmatch(svg, -1) {
		x, _ := strconv.ParseFloat(m[1], 64)
		y, _ := strconv.ParseFloat(m[2], 64)
		text := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(m[4])
		width := textWidth(text)
		b := box{x, x + width, y, text}
		switch m[3] {
		case "middle":
			b.left, b.right = x-width/2, x+width/2
		case "end":
			b.left, b.right = x-width, x
		}
		if b.left < 0 || b.right > Width {
			t.Errorf("%q from %.1f to %.1f of %d", text, b.left, b.right, Width)
		}
		for _, other := range boxes {
			if math.Abs(b.y-other.y) < fontSize && b.left < other.right && other.left < b.right {
				t.Errorf("%q lies on %q", text, other.text)
			}
		}
		boxes = append(boxes, b)
		labels++
	}
	if labels < 3 {
		t.Errorf("%d labels in\n%s", labels, svg)
	}
}
