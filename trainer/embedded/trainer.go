package embedded

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/assay-dev/assay/internal/tokenizer"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/embedded/kernel"
	"github.com/assay-dev/assay/trainer/embedded/llama"
)

// Trainer trains in this process.
type Trainer struct{}

var _ trainer.Trainer = Trainer{}

// Check says what it is made of: it can train anywhere.
func (Trainer) Check(context.Context) (map[string]string, error) {
	versions := map[string]string{"go": strings.TrimPrefix(runtime.Version(), "go")}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if name, ours := strings.CutPrefix(m.Path, "gorgonia.org/"); ours && (name == "gorgonia" || name == "tensor") {
				versions[name] = strings.TrimPrefix(m.Version, "v")
			}
		}
	}
	return versions, nil
}

// training is a run at work.
type training struct {
	*run
	learned, held []row
	tooLong       int
	vocabulary    *tokenizer.Vocabulary
	weights       *llama.Weights[float32]
	optimizer     *kernel.Optimizer[float32]
	schedule      kernel.Schedule
	state         state
	first, last   figures
}

// Train trains a run from its last checkpoint until it is finished.
func (tr Trainer) Train(ctx context.Context, job trainer.Job) error {
	r, err := readRun(job.Dir)
	if err != nil {
		return fail(job, err)
	}
	t, err := r.prepare(ctx)
	if err != nil {
		return fail(job, err)
	}
	start := trainer.Event{Event: trainer.EventStart, Step: t.state.Step, Of: t.schedule.Steps, Device: "cpu", Precision: "float32", Pairs: len(t.learned), HeldOut: len(t.held), TooLong: t.tooLong}
	if t.state.Step > 0 {
		start.ResumedFrom = checkpointName(t.state.Step)
	}
	if err := t.tell(job, start); err != nil {
		return err
	}
	if err := t.steps(ctx, job); err != nil {
		return fail(job, err)
	}
	versions, _ := tr.Check(ctx) // of which it has always some
	return t.finish(versions)
}

// fail tells why a run can't go on. A stop is no failure.
func fail(job trainer.Job, err error) error {
	if err != trainer.ErrStopped && err != context.Canceled && err != context.DeadlineExceeded {
		job.Event(trainer.Event{Event: trainer.EventFailed, Error: err.Error()})
	}
	return err
}

// tell notes an event and passes it on.
func (t *training) tell(job trainer.Job, e trainer.Event) error {
	job.Event(e)
	return t.note(eventsFile, e)
}

// prepare reads rows and model, and what a checkpoint knows.
func (r *run) prepare(ctx context.Context) (*training, error) {
	t := &training{run: r, state: state{identity: r.identity}}
	pairs, err := r.readPairs()
	if err != nil {
		return nil, err
	}
	base, longest, err := t.model(pairs)
	if err != nil {
		return nil, err
	}
	rows, tooLong, err := r.rows(pairs, t.vocabulary, longest)
	if err != nil {
		return nil, err
	}
	if err := r.references(ctx, rows, base); err != nil {
		return nil, err
	}
	t.tooLong = tooLong
	t.learned, t.held = split(rows, r.settings.HeldOut, r.settings.Seed)
	if len(t.learned) == 0 {
		return nil, fmt.Errorf("held_out %v leaves nothing to learn from of %d rows", r.settings.HeldOut, len(rows))
	}
	_, _, steps := r.settings.Steps(len(rows))
	if t.schedule, err = kernel.NewSchedule(r.settings.Scheduler, steps, r.settings.Warmup); err != nil {
		return nil, err
	}
	return t, t.begin(base)
}

// begin takes the weights of the last checkpoint, or of the base model.
func (t *training) begin(base func() (*llama.Weights[float32], error)) error {
	kept, err := trainer.CheckpointSteps(t.dir)
	if err != nil {
		return err
	}
	if len(kept) > 0 {
		err = t.restore(kept[len(kept)-1])
	} else if t.weights, err = base(); err == nil {
		t.optimizer = kernel.NewOptimizer(t.weights.Data)
	}
	if err != nil {
		return err
	}
	t.first, err = t.cutMetrics(t.state.Step)
	return err
}

// model opens the vocabulary of the run's model, or learns that of a new one. It
// returns how its weights are made and how many tokens a row may have.
func (t *training) model(pairs []trainer.Pair) (base func() (*llama.Weights[float32], error), longest int, err error) {
	spec, made := strings.CutPrefix(t.settings.Model, NewModel)
	if !made {
		w, err := llama.Load(t.settings.Model)
		if err != nil {
			return nil, 0, err
		}
		if t.vocabulary, err = tokenizer.OpenVocabulary(t.settings.Model, w.Config.End); err != nil {
			return nil, 0, err
		}
		if t.vocabulary.Size > w.Config.Vocabulary {
			return nil, 0, fmt.Errorf("%s: the tokenizer has %d tokens, and the model knows %d: they are not of one kind", t.settings.Model, t.vocabulary.Size, w.Config.Vocabulary)
		}
		return func() (*llama.Weights[float32], error) { return llama.Load(t.settings.Model) }, min(t.settings.MaxLength, w.Config.Positions), nil
	}
	s, err := ParseShape(spec)
	if err != nil {
		return nil, 0, err
	}
	var corpus []string
	for _, p := range pairs {
		corpus = append(corpus, p.Prompt+p.Chosen, p.Prompt+p.Rejected)
	}
	if t.vocabulary, err = tokenizer.OfCorpus(corpus, s.Vocabulary); err != nil {
		return nil, 0, err
	}
	c, err := llama.Small(t.vocabulary.Size, t.vocabulary.End, s.Layers, s.Width, s.Heads, t.settings.MaxLength)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", t.settings.Model, err)
	}
	return func() (*llama.Weights[float32], error) { return llama.New[float32](c, t.settings.Seed), nil }, t.settings.MaxLength, nil
}
