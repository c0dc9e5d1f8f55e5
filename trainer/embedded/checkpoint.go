package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/embedded/kernel"
	"github.com/assay-dev/assay/trainer/embedded/llama"
)

// What a run leaves beside what rundir knows.
const (
	checkpointDir = "checkpoint"
	momentsFile   = "optimizer.safetensors"
	stateFile     = "state.json"
)

// state is what a checkpoint knows beside weights and moments.
type state struct {
	Step   int   `json:"step"`
	Tokens int64 `json:"tokens"` // learned from
	identity
}

func checkpointName(step int) string { return fmt.Sprintf("checkpoint-%d", step) }

// publish writes the model's folder, and what fill adds.
func (t *training) publish(path string, fill func(dir string) error) error {
	return atomicfile.Folder(path, func(dir string) error {
		return errors.Join(llama.Save(t.weights, dir), t.vocabulary.Write(dir), fill(dir))
	})
}

// keep writes the checkpoint of the step, and removes old ones.
func (t *training) keep() error {
	final := filepath.Join(t.dir, trainer.CheckpointsDir, checkpointName(t.state.Step))
	if err := os.MkdirAll(filepath.Dir(final), 0o777); err != nil {
		return err
	}
	err := t.publish(final, func(dir string) error {
		moments := append(t.weights.Tensors("first.", t.optimizer.First), t.weights.Tensors("second.", t.optimizer.Second)...)
		text, err := json.Marshal(t.state)
		return errors.Join(err, llama.WriteTensors(filepath.Join(dir, momentsFile), moments, nil), os.WriteFile(filepath.Join(dir, stateFile), append(text, '\n'), 0o666))
	})
	if err != nil {
		return fmt.Errorf("the checkpoint of step %d could not be written: %w. The one before it is whole; free space and start again", t.state.Step, err)
	}
	return t.forget()
}

// forget removes all checkpoints but the last ones.
func (t *training) forget() error {
	steps, err := trainer.CheckpointSteps(t.dir)
	for len(steps) > t.settings.KeepCheckpoints {
		err = errors.Join(err, os.RemoveAll(filepath.Join(t.dir, trainer.CheckpointsDir, checkpointName(steps[0]))))
		steps = steps[1:]
	}
	return err
}

// restore goes on from a checkpoint.
func (t *training) restore(step int) error {
	dir := filepath.Join(t.dir, trainer.CheckpointsDir, checkpointName(step))
	text, err := plainfile.Read(context.Background(), filepath.Join(dir, stateFile), mostSettings)
	if err != nil {
		return fmt.Errorf("%s is no checkpoint of this trainer: %w", dir, err)
	}
	var was state
	if err := json.Unmarshal(text, &was); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, stateFile), err)
	}
	if was.identity != t.identity || was.Step != step {
		return fmt.Errorf("%s is of another run: its manifest or config has changed since: undo that, or start a new run directory", dir)
	}
	if t.weights, err = llama.Load(dir); err != nil {
		return err
	}
	t.state = was
	t.optimizer = kernel.NewOptimizer(t.weights.Data)
	t.optimizer.Step = step
	f, err := llama.OpenTensors(filepath.Join(dir, momentsFile))
	if err != nil {
		return err
	}
	defer f.Close()
	for prefix, data := range map[string][][]float32{"first.": t.optimizer.First, "second.": t.optimizer.Second} {
		for _, tensor := range t.weights.Tensors(prefix, data) {
			if err := f.Read(tensor.Name, tensor.Shape, tensor.Data); err != nil {
				return err
			}
		}
	}
	return nil
}
