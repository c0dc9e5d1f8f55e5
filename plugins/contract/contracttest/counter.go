package contracttest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/assay-dev/assay/trainer"
)

// Counter is a trainer that learns to count: each step adds one to what it has.
type Counter struct {
	// Breaks is how it breaks the contract: see the words in the code.
	Breaks string
	// Each is done at each step, where it is set.
	Each func(ctx context.Context, job trainer.Job) error
}

// Check says what it stands on.
func (c Counter) Check(context.Context) (map[string]string, error) {
	if c.Breaks == "versions" {
		return nil, nil
	}
	return map[string]string{"counter": "1"}, nil
}

// run is a run under way.
type run struct {
	Counter
	job     trainer.Job
	steps   int
	at      int // the step of the checkpoint
	metrics []byte
}

// Train counts.
func (c Counter) Train(ctx context.Context, job trainer.Job) error {
	r := &run{Counter: c, job: job}
	if err := r.read(); err != nil {
		return err
	}
	start := trainer.Event{Event: trainer.EventStart}
	if r.resume(); r.at > 0 {
		start.ResumedFrom = fmt.Sprintf("checkpoint-%d", r.at)
	}
	if c.Breaks != "start" {
		job.Event(start)
	}
	for step := r.at + 1; step <= r.steps; step++ {
		if err := r.step(ctx, step); err != nil {
			return err
		}
	}
	return r.finish()
}

func (r *run) file(name string) string { return filepath.Join(r.job.Dir, filepath.FromSlash(name)) }

// read reads the run, and holds it to the manifest.
func (r *run) read() error {
	var m trainer.Manifest
	var set trainer.Training
	pairs, err := os.ReadFile(r.file(trainer.PairsFile))
	for name, into := range map[string]any{trainer.ManifestFile: &m, trainer.ConfigFile: &set} {
		text, err2 := os.ReadFile(r.file(name))
		err = errors.Join(err, err2, json.Unmarshal(text, into))
	}
	sum := sha256.Sum256(pairs)
	_, absent := os.Stat(set.Model)
	switch {
	case err != nil:
		return err
	case r.Breaks != "pairs" && hex.EncodeToString(sum[:]) != m.PairsHash:
		return errors.New("pairs.jsonl is not the manifest's")
	case r.Breaks != "model" && absent != nil:
		return absent
	}
	r.steps = set.MaxSteps
	return nil
}

func (r *run) resume() {
	kept, _ := filepath.Glob(r.file("checkpoints/checkpoint-*"))
	if len(kept) > 0 && r.Breaks != "resume" {
		_, _ = fmt.Sscanf(filepath.Base(kept[0]), "checkpoint-%d", &r.at)
	}
}

func (r *run) step(ctx context.Context, step int) error {
	loss := 1 / float64(step)
	e := trainer.Event{Event: trainer.EventStep, Step: step, Of: r.steps, Loss: &loss}
	if r.Breaks == "loss" {
		e.Loss = nil
	}
	if r.Breaks == "order" && step > 1 {
		e.Step = 1
	}
	r.job.Event(e)
	if r.steps < 100 {
		r.metrics = fmt.Appendf(r.metrics, "{\"step\":%d,\"loss\":%v}\n", step, loss)
	}
	if r.Each != nil {
		if err := r.Each(ctx, r.job); err != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-r.job.Stop:
		return r.stop(step)
	default:
		return nil
	}
}

func (r *run) stop(step int) error {
	switch r.Breaks {
	case "stop":
		return nil // it goes on
	case "checkpoint":
		return trainer.ErrStopped
	}
	return errors.Join(os.RemoveAll(r.file("checkpoints")), r.keep(fmt.Sprintf("checkpoints/checkpoint-%d/n", step), "1"), trainer.ErrStopped)
}

func (r *run) keep(name, text string) error {
	return errors.Join(os.MkdirAll(filepath.Dir(r.file(name)), 0o755), os.WriteFile(r.file(name), []byte(text), 0o644))
}

func (r *run) finish() error {
	if r.Breaks == "config" {
		if err := r.keep(trainer.ConfigFile, "{}"); err != nil {
			return err
		}
	}
	err := r.keep("metrics.jsonl", string(r.metrics))
	if r.Breaks != "weights" {
		err = errors.Join(err, r.keep("checkpoint/n", "1"))
	}
	if r.Breaks != "result" {
		err = errors.Join(err, r.keep("result.json", fmt.Sprintf(`{"step":%d}`, r.steps)))
	}
	return err
}
