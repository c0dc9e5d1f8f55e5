package rundir

import (
	"encoding/json"
	"errors"
	"io"
	"os"

	"assay/benchmarks/jsonl"
)

// mostRow bounds a line of metrics.jsonl, in bytes.
const mostRow = 1 << 16

// Figures are a line of metrics.jsonl: what TRL logs, under its names.
type Figures map[string]float64

// Metrics are a run's figures at its start and at its end.
type Metrics struct {
	First   Figures `json:"first"`
	Last    Figures `json:"last"`
	HeldOut Figures `json:"held_out,omitempty"` // the last evaluation of the pairs that were held out
}

// ReadMetrics reads the figures of all steps: those before a resumption too.
func (d *Directory) ReadMetrics() (Metrics, error) {
	var m Metrics
	path := d.path(MetricsFile)
	f, err := os.Open(path)
	if err != nil {
		return m, err
	}
	defer f.Close()
	rows, err := jsonl.NewReader(path, f, jsonl.Bounds{Line: mostRow})
	if err != nil {
		return m, err
	}
	for {
		line, _, err := rows.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return m, err
		}
		var figures Figures
		if err := json.Unmarshal(line, &figures); err != nil {
			return m, rows.Errorf("figures are numbers by name: %w", err)
		}
		if _, ok := figures["eval_loss"]; ok {
			m.HeldOut = figures
		} else {
			if m.First == nil {
				m.First = figures
			}
			m.Last = figures
		}
	}
	if m.First == nil {
		return m, errors.New(path + " has no step")
	}
	return m, nil
}
