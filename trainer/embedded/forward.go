package embedded

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"

	"github.com/assay-dev/assay/trainer/embedded/llama"
	"github.com/assay-dev/assay/trainer/objective"
)

// batch lays rows out for a graph, with the terms of the loss.
func (r *run) batch(rows []row) (llama.Batch, []objective.Pair) {
	b, pairs := r.layout(rows)
	b.Terms = r.objective.Terms(pairs)
	return b, pairs
}

// layout puts the sequences that the loss needs one behind the other. It returns
// the pairs, to which the policy's log-probabilities are yet to be added.
func (r *run) layout(rows []row) (llama.Batch, []objective.Pair) {
	var b llama.Batch
	pairs := make([]objective.Pair, len(rows))
	for i, row := range rows {
		var places []int
		for _, side := range []struct {
			objective.Side
			answer
			to *objective.Answer
		}{{objective.Chosen, row.chosen, &pairs[i].Chosen}, {objective.Rejected, row.rejected, &pairs[i].Rejected}} {
			if !r.objective.Method.Needs(side.Side) {
				continue
			}
			ids := append(append(make([]int32, 0, len(row.prompt)+len(side.ids)), row.prompt...), side.ids...)
			places = append(places, b.Add(ids, len(row.prompt))...)
			*side.to = objective.Answer{Mask: side.mask, Reference: side.reference}
		}
		b.Rows = append(b.Rows, places)
	}
	return b, pairs
}

// size is how many tokens a batch of these rows has.
func (r *run) size(rows []row, which []int) int {
	n := 0
	for _, i := range which {
		for _, side := range []struct {
			objective.Side
			answer
		}{{objective.Chosen, rows[i].chosen}, {objective.Rejected, rows[i].rejected}} {
			if r.objective.Method.Needs(side.Side) {
				n += len(rows[i].prompt) + len(side.ids)
			}
		}
	}
	return n
}

// evaluate adds what a graph has computed to the pairs, and returns the metrics.
func (r *run) evaluate(g *llama.Graph[float32], pairs []objective.Pair) (objective.Metrics, error) {
	lp, logits := g.LogProbs(), g.Logits()
	width := len(logits) / len(lp)
	var chosen, rejected meanLogit
	for i, rows := range g.Batch.Rows {
		all := make([]float64, len(rows))
		for j, at := range rows {
			all[j] = float64(lp[at])
		}
		n := len(pairs[i].Chosen.Mask)
		pairs[i].Chosen.Policy, pairs[i].Rejected.Policy = all[:n], all[n:]
		chosen.add(logits, width, rows[:n])
		rejected.add(logits, width, rows[n:])
	}
	m, _, err := r.objective.Evaluate(pairs)
	if err == nil {
		chosen.note(m, objective.Chosen)
		rejected.note(m, objective.Rejected)
	}
	return m, err
}

// meanLogit is TRL's figure of a side: the mean over its answers' tokens of the
// mean over the vocabulary.
type meanLogit struct {
	sum    float64
	tokens int
}

func (m *meanLogit) add(logits []float32, width int, rows []int) {
	for _, at := range rows {
		sum := 0.0
		for _, x := range logits[at*width:][:width] {
			sum += float64(x)
		}
		m.sum += sum / float64(width)
	}
	m.tokens += len(rows)
}

func (m *meanLogit) note(to objective.Metrics, side objective.Side) {
	if m.tokens > 0 {
		to["logits/"+string(side)] = m.sum / float64(m.tokens)
	}
}

// average is the mean of the metrics of several batches.
func average(all []objective.Metrics) objective.Metrics {
	out := objective.Metrics{}
	for _, m := range all {
		for name, x := range m {
			out[name] += x / float64(len(all))
		}
	}
	return out
}

// micros divides 0 to n into micro-batches.
func micros(n, size int) [][]int {
	o := order{rows: n, batch: n, micro: size, perm: make([]int, n)}
	for i := range o.perm {
		o.perm[i] = i
	}
	return o.step(0)
}

// pick are some of the rows.
func pick(rows []row, which []int) []row {
	out := make([]row, len(which))
	for i, at := range which {
		out[i] = rows[at]
	}
	return out
}

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
		if err := llama.WriteTensors(path, []llama.Tensor{{Name: "logps", Shape: []int{len(all)}, Data: all}}, r.identity.texts()); err != nil {
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
