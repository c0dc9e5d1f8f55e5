package efficiency

import (
	"fmt"
	"math"

	"github.com/assay-dev/assay/harness/score"
	"github.com/assay-dev/assay/internal/atomicfile"
)

// FileName is the file of a Report in a results folder.
const FileName = "cost.json"

// ReportVersion is the version of the form of a Report.
const ReportVersion = 1

// Report is what the programs of a run that passed cost.
type Report struct {
	Version    int    `json:"version"`
	Inputs     int    `json:"inputs"`     // of a task, at most
	Samples    int    `json:"samples"`    // measured
	Tasks      []Task `json:"tasks"`      // measured, in order
	Light      int    `json:"light"`      // tasks on which there is too little to compute
	Without    int    `json:"without"`    // tasks with nothing to measure against
	Unmeasured int    `json:"unmeasured"` // samples that passed, and fail in an instance of their own

	Ratio      *Mean `json:"ratio,omitempty"`      // geometric, over tasks; nil where no task was measured
	Efficiency *Mean `json:"efficiency,omitempty"` // from 0 to 1, over tasks
	Within     []At  `json:"within"`               // samples by how far they are above the canonical solution
}

// Mean is a mean over tasks with its interval.
type Mean struct {
	Value    float64        `json:"value"`
	Interval score.Interval `json:"interval"`
}

// At counts the samples whose ratio is at most Ratio.
type At struct {
	Ratio   float64 `json:"ratio"`
	Samples int     `json:"samples"`
}

// bounds of Report.Within.
var bounds = []float64{0.5, 1.1, 2, 10}

func newReport(inputs int, found []measured) *Report {
	r := &Report{Version: ReportVersion, Inputs: inputs, Tasks: []Task{}, Within: []At{}}
	var logs, shares []float64
	all := make([]int, len(bounds))
	for _, m := range found {
		r.Unmeasured += len(m.unmeasured)
		switch {
		case m.without:
			r.Without++
			continue
		case m.light:
			r.Light++
			continue
		case len(m.Samples) == 0:
			continue
		}
		r.Tasks = append(r.Tasks, m.Task)
		r.Samples += len(m.Samples)
		log, share := 0.0, 0.0
		for _, s := range m.Samples {
			log += math.Log(s.Ratio)
			share += min(1, 1/s.Ratio)
			for i, b := range bounds {
				if s.Ratio <= b {
					all[i]++
				}
			}
		}
		n := float64(len(m.Samples))
		logs, shares = append(logs, log/n), append(shares, share/n)
	}
	if len(r.Tasks) == 0 {
		return r
	}
	for i, b := range bounds {
		r.Within = append(r.Within, At{b, all[i]})
	}
	value, interval := score.Mean(logs, score.Options{})
	interval.Low, interval.High = score.Significant(math.Exp(interval.Low)), score.Significant(math.Exp(interval.High))
	r.Ratio = &Mean{score.Significant(math.Exp(value)), interval}
	value, interval = score.Mean(shares, score.Options{})
	r.Efficiency = &Mean{score.Significant(value), interval}
	return r
}

// ReadReport reads a cost.json.
func ReadReport(path string) (*Report, error) {
	var r Report
	if err := atomicfile.ReadDocument(path, &r); err != nil {
		return nil, err
	}
	if r.Version != ReportVersion {
		return nil, fmt.Errorf("%s: version %d; this assay reads %d", path, r.Version, ReportVersion)
	}
	return &r, nil
}
