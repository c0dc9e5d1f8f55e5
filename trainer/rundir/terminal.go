package rundir

import (
	"fmt"
	"strings"

	"github.com/guptarohit/asciigraph"

	"github.com/assay-dev/assay/trainer"
)

// Size of a drawing in a terminal.
const (
	columns = 60
	lines   = 8
)

// Terminal draws loss and margins as text; "" where there are no two steps.
func Terminal(steps []trainer.Figures) string {
	var b strings.Builder
	for _, p := range Panels[:2] {
		l := lineOf(steps, p.Names[0])
		if l.Len() < 2 {
			continue
		}
		drawn := asciigraph.Plot(l.values, asciigraph.Height(lines), asciigraph.Width(columns), asciigraph.Precision(3),
			asciigraph.Caption(fmt.Sprintf("%s, steps %.0f to %.0f", p.Title, l.steps[0], l.steps[l.Len()-1])))
		b.WriteString(drawn + "\n\n")
	}
	return b.String()
}
