package embedded

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"

	"github.com/assay-dev/assay/trainer/embedded/llama"
)

// referenceFile holds the log-probabilities of the model at the start, of every
// answer: they are computed once.
const referenceFile = "reference.safetensors"

// references gives the rows the log-probabilities of the base model.
func (r *run) references(ctx context.Context, rows []row, base func() (*llama.Weights[float32], error)) error {
	if !r.objective.Method.Preference {
		return nil
	}
	n := 0
	for _, row := range rows {
		n += len(row.chosen.ids) + len(row.rejected.ids)
	}
	all := make([]float32, n)
	path := filepath.Join(r.dir, referenceFile)
	if !r.readReferences(path, all) {
		if err := r.computeReferences(ctx, rows, all, base); err != nil {
			return err
		}
		if err := llama.Write(path, []llama.Tensor{{Name: "logps", Shape: []int{len(all)}, Data: all}}, r.identity.texts()); err != nil {
			return fmt.Errorf("the reference's log-probabilities could not be written: %w", err)
		}
	}
	for i := range rows {
		for _, a := range []*answer{&rows[i].chosen, &rows[i].rejected} {
			a.reference = make([]float64, len(a.ids))
			for j := range a.ids {
				a.reference[j] = float64(all[j])
			}
			all = all[len(a.ids):]
		}
	}
	return nil
}

// readReferences says whether the file is there and is this run's.
func (r *run) readReferences(path string, all []float32) bool {
	f, err := llama.OpenTensors(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return maps.Equal(f.Texts, r.identity.texts()) && f.Read("logps", []int{len(all)}, all) == nil
}

func (r *run) computeReferences(ctx context.Context, rows []row, all []float32, base func() (*llama.Weights[float32], error)) error {
	w, err := base()
	if err != nil {
		return err
	}
	f, err := r.forward(w, rows)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, which := range micros(len(rows), r.settings.MicroBatchSize) {
		if err := ctx.Err(); err != nil {
			return err
		}
		f.Batch, _ = r.layout(pick(rows, which))
		if err := f.Run(); err != nil {
			return err
		}
		lp := f.LogProbs()
		for _, places := range f.Batch.Rows {
			for i, at := range places {
				all[i] = lp[at]
			}
			all = all[len(places):]
		}
	}
	return nil
}

// forward is a graph without gradients for micro-batches of the rows in their
// order.
func (r *run) forward(w *llama.Weights[float32], rows []row) (*llama.Graph[float32], error) {
	most := 0
	for _, which := range micros(len(rows), r.settings.MicroBatchSize) {
		most = max(most, r.size(rows, which))
	}
	return llama.Forward(w, most)
}
