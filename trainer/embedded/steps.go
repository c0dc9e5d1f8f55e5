package embedded

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/embedded/kernel"
	"github.com/assay-dev/assay/trainer/embedded/llama"
	"github.com/assay-dev/assay/trainer/objective"
)

// offLn2 is how far the first loss may be from ln 2, where policy and reference
// are one.
const offLn2 = 1e-3

// stepper is the graphs of a run, and the sum of a step's gradients.
type stepper struct {
	*training
	order    order
	graph    *llama.Graph[float32]
	judge    *llama.Graph[float32] // of what is held out; nil: nothing is
	gradient [][]float32
	decay    []float64
}

// steps takes the steps that are left.
func (t *training) steps(ctx context.Context, job trainer.Job) error {
	s, err := t.stepper()
	if err != nil {
		return err
	}
	defer s.graph.Close()
	if s.judge != nil {
		defer s.judge.Close()
	}
	since, tokens := time.Now(), t.state.Tokens
	for t.state.Step < t.schedule.Steps {
		f, err := s.step(ctx)
		if err != nil {
			return err
		}
		if t.first == nil {
			t.first = f
		}
		t.last = f
		step := t.state.Step
		if step%t.settings.LoggingSteps == 0 || step == t.schedule.Steps {
			e := event(trainer.EventStep, step, t.schedule.Steps, f)
			e.Rate = float64(t.state.Tokens-tokens) / time.Since(since).Seconds()
			since, tokens = time.Now(), t.state.Tokens
			if err := s.report(job, f, e); err != nil {
				return err
			}
		}
		if s.judge != nil && (step%t.settings.EvalSteps == 0 || step == t.schedule.Steps) {
			if err := s.holdOut(ctx, job); err != nil {
				return err
			}
		}
		if err := s.save(job); err != nil {
			return err
		}
	}
	return nil
}

// save keeps a checkpoint where one is due, or the run is to stop.
func (s *stepper) save(job trainer.Job) error {
	stopped := false
	select {
	case <-job.Stop:
		stopped = s.state.Step < s.schedule.Steps
	default:
	}
	if stopped || s.state.Step%s.settings.SaveSteps == 0 || s.state.Step == s.schedule.Steps {
		if err := s.keep(); err != nil {
			return err
		}
	}
	if stopped {
		return trainer.ErrStopped
	}
	return nil
}

// report writes a line of metrics and tells of it.
func (s *stepper) report(job trainer.Job, f figures, e trainer.Event) error {
	if err := s.note(trainer.MetricsFile, f); err != nil {
		return err
	}
	return s.tell(job, e)
}

func (t *training) stepper() (*stepper, error) {
	s := &stepper{training: t, order: order{rows: len(t.learned), batch: t.settings.BatchSize, micro: t.settings.MicroBatchSize, seed: t.settings.Seed}}
	most := 0
	for step := range t.schedule.Steps {
		for _, which := range s.order.step(step) {
			most = max(most, t.size(t.learned, which))
		}
	}
	var err error
	if s.graph, err = llama.Training(t.weights, most, t.objective.Method.Scale(t.objective.Beta, t.objective.Alpha)); err != nil {
		return nil, err
	}
	if len(t.held) > 0 {
		if s.judge, err = t.forward(t.weights, t.held); err != nil {
			return nil, err
		}
	}
	for i, p := range t.weights.Parameters {
		s.gradient = append(s.gradient, make([]float32, len(t.weights.Data[i])))
		s.decay = append(s.decay, t.settings.WeightDecay)
		if p.Vector { // norms are left alone, as transformers does
			s.decay[i] = 0
		}
	}
	return s, nil
}

// step learns from the next batch.
func (s *stepper) step(ctx context.Context) (figures, error) {
	n := s.state.Step
	for _, g := range s.gradient {
		clear(g)
	}
	var all []objective.Metrics
	micro := s.order.step(n)
	for _, which := range micro {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, err := s.learn(pick(s.learned, which), 1/float32(len(micro)))
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", n+1, err)
		}
		all = append(all, m)
	}
	m := average(all)
	if n == 0 && s.objective.Method.Preference && math.Abs(m["dpo_loss"]-math.Ln2) > offLn2 {
		return nil, fmt.Errorf("the first loss is %.4f and not ln 2 = %.4f: policy and reference differ before training; %s may be of another model, remove it", m["dpo_loss"], math.Ln2, referenceFile)
	}
	norm := kernel.GradientNorm(s.gradient)
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return nil, fmt.Errorf("step %d: the gradient is %v: a lower learning_rate or a look at the pairs may help", n+1, norm)
	}
	rate := s.settings.LearningRate * s.schedule.At(n)
	kernel.Clip(s.gradient, norm, s.settings.MaxGradNorm)
	s.optimizer.Update(s.weights.Data, s.gradient, rate, s.decay)
	s.state.Step++
	f := line(s.state.Step, "", m)
	f["grad_norm"], f["learning_rate"], f["num_tokens"] = norm, rate, float64(s.state.Tokens)
	f["epoch"] = float64(s.state.Step) / float64(s.order.perEpoch())
	return f, nil
}

// learn adds a share of a micro-batch's gradient.
func (s *stepper) learn(rows []row, share float32) (objective.Metrics, error) {
	b, pairs := s.batch(rows)
	s.graph.Batch = b
	if err := s.graph.Run(); err != nil {
		return nil, err
	}
	m, err := s.evaluate(s.graph, pairs)
	if err != nil {
		return nil, err
	}
	for i, sum := range s.gradient {
		for j, x := range s.graph.Gradient(i) {
			sum[j] += x * share
		}
	}
	s.state.Tokens += int64(len(b.IDs))
	return m, nil
}

// holdOut evaluates the rows that were held out.
func (s *stepper) holdOut(ctx context.Context, job trainer.Job) error {
	var all []objective.Metrics
	for _, which := range micros(len(s.held), s.settings.MicroBatchSize) {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, pairs := s.batch(pick(s.held, which))
		s.judge.Batch = b
		if err := s.judge.Run(); err != nil {
			return err
		}
		m, err := s.evaluate(s.judge, pairs)
		if err != nil {
			return fmt.Errorf("held out, after step %d: %w", s.state.Step, err)
		}
		all = append(all, m)
	}
	f := line(s.state.Step, "eval_", average(all))
	return s.report(job, f, event(trainer.EventEvaluation, s.state.Step, s.schedule.Steps, f))
}

// order says which rows a step learns from: all of an epoch, shuffled by the
// seed, a batch after the other.
type order struct {
	rows, batch, micro int
	seed               uint64

	epoch int
	perm  []int
}

// perEpoch is how many steps an epoch has.
func (o *order) perEpoch() int { return (o.rows + o.batch - 1) / o.batch }

// step returns the micro-batches of a step, counted from 0.
func (o *order) step(n int) [][]int {
	epoch, at := n/o.perEpoch(), n%o.perEpoch()*o.batch
	if o.perm == nil || o.epoch != epoch {
		o.epoch, o.perm = epoch, rand.New(rand.NewPCG(o.seed, uint64(epoch))).Perm(o.rows)
	}
	batch := o.perm[at:min(o.rows, at+o.batch)]
	var out [][]int
	for len(batch) > 0 {
		n := min(o.micro, len(batch))
		out, batch = append(out, batch[:n]), batch[n:]
	}
	return out
}
