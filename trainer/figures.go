package trainer

import (
	"encoding/json"
	"errors"
	"os"

	"github.com/assay-dev/assay/internal/jsonl"
)

// MetricsFile is the file of a run directory that a trainer logs to.
const MetricsFile = "metrics.jsonl"

// mostFigures bounds a line of metrics.jsonl, in bytes.
const mostFigures = 1 << 16

// Figures are a line of metrics.jsonl: what TRL logs, under its names.
type Figures map[string]float64

// ReadFigures reads a metrics.jsonl: all steps, those before a resumption too,
// and the evaluations of the pairs that were held out.
func ReadFigures(path string) (steps, heldOut []Figures, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	rows, err := jsonl.NewReader(path, f, jsonl.Bounds{Line: mostFigures})
	if err != nil {
		return nil, nil, err
	}
	for line, err := range rows.All() {
		if err != nil {
			return nil, nil, err
		}
		var figures Figures
		if err := json.Unmarshal(line, &figures); err != nil {
			return nil, nil, rows.Errorf("figures are numbers by name: %w", err)
		}
		if _, ok := figures["eval_loss"]; ok {
			heldOut = append(heldOut, figures)
		} else {
			steps = append(steps, figures)
		}
	}
	if steps == nil {
		return nil, nil, errors.New(path + " has no step")
	}
	return steps, heldOut, nil
}
