package report

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/chart"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/rundir"
)

// training is a run directory of a trainer.
type training struct {
	ID      string
	Name    string
	About   [][2]string
	Figures []figure
	Notes   []string

	steps, held []trainer.Figures
}

// figure is a number that a trainer logs, at the first and last step, and for
// the pairs that were held out.
type figure struct {
	Name              string
	First, Last, Held string
}

func openTraining(dir, name, id string) (*training, error) {
	t := &training{ID: id, Name: name}
	var m trainer.Manifest
	if err := atomicfile.ReadDocument(filepath.Join(dir, trainer.ManifestFile), &m); err != nil {
		return nil, err
	}
	var config trainer.Training
	if err := atomicfile.ReadDocument(filepath.Join(dir, trainer.ConfigFile), &config); err != nil {
		return nil, err
	}
	var err error
	if t.steps, t.held, err = trainer.ReadFigures(filepath.Join(dir, trainer.MetricsFile)); err != nil {
		return nil, fmt.Errorf("the run has logged nothing yet: %w", err)
	}
	t.About = [][2]string{
		{"method", fmt.Sprintf("%s, β %v, α %v", line(m.Method), m.Beta, m.Alpha)},
		{"trainer", line(m.Trainer)},
		{"model", line(filepath.Base(config.Model))},
		{"pairs", fmt.Sprintf("%d read, %d kept", m.Counts.Pairs, m.Counts.Kept)},
		{"mask", line(string(m.Mask))},
	}
	result, err := optional(func() (*rundir.Result, error) {
		var r rundir.Result
		return &r, atomicfile.ReadDocument(filepath.Join(dir, rundir.ResultFile), &r)
	})
	switch {
	case err != nil:
		return nil, err
	case result.Step == 0:
		t.Notes = append(t.Notes, "The run is not finished: it has no "+rundir.ResultFile+".")
	default:
		t.About = append(t.About,
			[2]string{"steps", fmt.Sprintf("%d on %s, %d held out", result.Step, humanize.Plural(result.Pairs, "pair"), result.HeldOut)})
	}
	t.About = slices.DeleteFunc(t.About, func(a [2]string) bool { return a[1] == "" })
	t.figures()
	return t, nil
}

// figures makes the table: what has a curve first, then the rest by name.
func (t *training) figures() {
	names := map[string]bool{}
	for _, f := range t.steps {
		for name := range f {
			names[name] = true
		}
	}
	delete(names, "step")
	var order []string
	for _, p := range rundir.Panels {
		order = append(order, p.Names...)
	}
	rank := func(name string) int {
		if i := slices.Index(order, name); i >= 0 {
			return i
		}
		return len(order)
	}
	for _, name := range slices.SortedFunc(maps.Keys(names), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b))
	}) {
		t.Figures = append(t.Figures, figure{
			line(name), end(t.steps, name, false), end(t.steps, name, true), end(t.held, "eval_"+name, true),
		})
	}
}

// end is the first or the last value of a figure.
func end(rows []trainer.Figures, name string, last bool) string {
	out := "–"
	for _, f := range rows {
		if x, ok := f[name]; ok {
			if out = fmt.Sprintf("%.6g", x); !last {
				break
			}
		}
	}
	return out
}

// Charts are the curves of what was logged.
func (t *training) Charts() []template.HTML {
	var out []template.HTML
	for _, p := range rundir.Panels {
		var curves []curve
		for _, name := range p.Names {
			curves = append(curves, curveOf(t.steps, name, name, series(len(curves))))
			if held := curveOf(t.held, "eval_"+name, name+", held out", series(len(curves))); len(held.X) > 0 {
				curves = append(curves, held)
			}
		}
		curves = slices.DeleteFunc(curves, func(c curve) bool { return len(c.X) == 0 })
		if len(curves) > 0 {
			out = append(out, lines(chart.Axes{Alt: "Curve of " + p.Title + " by step; the table has its ends", X: "step", Y: p.Title}, curves))
		}
	}
	return out
}

func curveOf(rows []trainer.Figures, name, title string, color int) curve {
	c := curve{chart.Series{Name: title}, color}
	for _, f := range rows {
		step, at := f["step"]
		value, ok := f[name]
		if at && ok {
			c.X, c.Y = append(c.X, step), append(c.Y, value)
		}
	}
	return c
}
