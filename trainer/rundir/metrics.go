package rundir

import (
	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/trainer"
)

// CurvesFile shows the figures of all steps.
const CurvesFile = "curves.svg"

// Metrics are a run's figures at its start and at its end.
type Metrics struct {
	First   trainer.Figures `json:"first"`
	Last    trainer.Figures `json:"last"`
	HeldOut trainer.Figures `json:"held_out,omitempty"` // the last evaluation of the pairs that were held out
}

// ReadMetrics reads the figures of all steps.
func (d *Directory) ReadMetrics() (Metrics, error) {
	m, _, _, err := d.readMetrics()
	return m, err
}

func (d *Directory) readMetrics() (m Metrics, steps, held []trainer.Figures, err error) {
	if steps, held, err = trainer.ReadFigures(d.path(trainer.MetricsFile)); err != nil {
		return m, nil, nil, err
	}
	m = Metrics{First: steps[0], Last: steps[len(steps)-1]}
	if len(held) > 0 {
		m.HeldOut = held[len(held)-1]
	}
	return m, steps, held, nil
}

// draw writes the curves of the run.
func (d *Directory) draw(steps, held []trainer.Figures) error {
	drawing, err := SVG(steps, held)
	if err != nil {
		return err
	}
	return atomicfile.Write(d.path(CurvesFile), drawing)
}
