package rundir

import "assay/trainer"

// Metrics are a run's figures at its start and at its end.
type Metrics struct {
	First   trainer.Figures `json:"first"`
	Last    trainer.Figures `json:"last"`
	HeldOut trainer.Figures `json:"held_out,omitempty"` // the last evaluation of the pairs that were held out
}

// ReadMetrics reads the figures of all steps.
func (d *Directory) ReadMetrics() (Metrics, error) {
	steps, held, err := trainer.ReadFigures(d.path(trainer.MetricsFile))
	if err != nil {
		return Metrics{}, err
	}
	m := Metrics{First: steps[0], Last: steps[len(steps)-1]}
	if len(held) > 0 {
		m.HeldOut = held[len(held)-1]
	}
	return m, nil
}
