package rundir

import (
	"math"

	"github.com/assay-dev/assay/trainer"
)

// Panel is a drawing of figures that share an axis.
type Panel struct {
	Title string
	Names []string
}

// Panels are what is drawn, as far as there are figures: first what shows whether
// anything is learned.
var Panels = []Panel{
	{"loss", []string{"loss"}},
	{"rewards/margins", []string{"rewards/margins"}},
	{"rewards/accuracies", []string{"rewards/accuracies"}},
	{"rewards", []string{"rewards/chosen", "rewards/rejected"}},
	{"nll_loss", []string{"nll_loss"}},
	{"grad_norm", []string{"grad_norm"}},
}

// heldOut is what a figure is called where it is of pairs that were held out.
func heldOut(name string) string { return "eval_" + name }

// line is a figure over the steps.
type line struct{ steps, values []float64 }

func (l line) Len() int                    { return len(l.steps) }
func (l line) XY(i int) (float64, float64) { return l.steps[i], l.values[i] }

func lineOf(figures []trainer.Figures, name string) line {
	var l line
	for _, f := range figures {
		x, ok := f[name]
		step := f["step"]
		if ok && !math.IsNaN(x) && !math.IsInf(x, 0) && !math.IsNaN(step) && !math.IsInf(step, 0) {
			l.steps, l.values = append(l.steps, step), append(l.values, x)
		}
	}
	return l
}
