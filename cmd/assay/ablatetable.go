package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/assay-dev/assay/harness/score"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/rundir"
)

// noMethod stands for the model to begin with.
const noMethod = "–"

// ablation is ablation.json.
type ablation struct {
	Suite string        `json:"suite"`
	Rows  []ablationRow `json:"rows"`
}

// ablationRow is what came of a method with a mask; the first is the model to
// begin with, without either.
type ablationRow struct {
	Method  string `json:"method"`
	Mask    string `json:"mask"` // "": it has none
	trained *rundir.Report
	Pairs   int      `json:"pairs,omitempty"`
	Steps   int      `json:"steps,omitempty"`
	First   *float64 `json:"loss_first,omitempty"`
	Last    *float64 `json:"loss_last,omitempty"`
	Right   *float64 `json:"accuracy,omitempty"` // of what was held out, or of the last step
	score.Score
}

func (r ablationRow) title() string {
	switch {
	case r.Mask != "":
		return r.Method + ", " + r.Mask
	case r.Method == noMethod:
		return "the model to begin with"
	}
	return r.Method
}

// learned takes the figures of the training.
func (r *ablationRow) learned() {
	t := r.trained
	r.Pairs, r.Steps = t.Result.Pairs, t.Result.Step
	figure := func(m trainer.Figures, name string) *float64 {
		if x, ok := m[name]; ok {
			return &x
		}
		return nil
	}
	r.First, r.Last = figure(t.Metrics.First, "loss"), figure(t.Metrics.Last, "loss")
	if r.Right = figure(t.Metrics.HeldOut, "eval_rewards/accuracies"); r.Right == nil {
		r.Right = figure(t.Metrics.Last, "rewards/accuracies")
	}
}

// print is the table.
func (t ablation) print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "method\tmask\tpairs\tloss, first and last\taccuracy\tpassed\tpass@1\t95 % interval")
	for _, r := range t.Rows {
		loss, right, pairs, rate, interval := noMethod, noMethod, noMethod, noMethod, noMethod
		if r.First != nil && r.Last != nil {
			loss = fmt.Sprintf("%.4f  %.4f", *r.First, *r.Last)
		}
		if r.Right != nil {
			right = fmt.Sprintf("%.2f", *r.Right)
		}
		if r.Pairs > 0 {
			pairs = fmt.Sprint(r.Pairs)
		}
		if e, ok := r.At(1); ok {
			rate, interval = fmt.Sprintf("%.4f", e.Value), fmt.Sprintf("%.4f to %.4f", e.Interval.Low, e.Interval.High)
		}
		mask := r.Mask
		if mask == "" {
			mask = noMethod
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%d of %d\t%s\t%s\n", r.Method, mask, pairs, loss, right, r.Correct, r.Samples, rate, interval)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nOn %s, by execution. Rows share their start, their pairs and their seed; where intervals overlap, no row is better.\n", t.Suite)
	return err
}
