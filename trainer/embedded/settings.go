package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/internal/tokenizer"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/objective"
)

// NewModel begins the name of a model that is made by chance.
const NewModel = "new:"

// Shape is that of a new model.
type Shape struct{ Layers, Width, Heads, Vocabulary int }

// ParseShape reads what stands behind NewModel: layers=2,width=64,heads=2,
// vocabulary=257, each of which may be left out.
func ParseShape(text string) (Shape, error) {
	s := Shape{Layers: 2, Width: 64, Heads: 2, Vocabulary: tokenizer.LeastVocabulary}
	into := map[string]*int{"layers": &s.Layers, "width": &s.Width, "heads": &s.Heads, "vocabulary": &s.Vocabulary}
	for part := range strings.SplitSeq(text, ",") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		n, err := strconv.Atoi(value)
		if into[name] == nil || err != nil {
			return s, fmt.Errorf("%s%s: %q: a new model has layers, width, heads and vocabulary, each with a whole number, as in %slayers=2,width=64", NewModel, text, part, NewModel)
		}
		*into[name] = n
	}
	return s, nil
}

// run is what a run directory says.
type run struct {
	dir       string
	manifest  trainer.Manifest
	settings  trainer.Training
	objective objective.Objective
	identity  identity
}

// identity names the run that a file belongs to.
type identity struct {
	Manifest string `json:"manifest"` // SHA-256 of the file
	Config   string `json:"config"`
}

func (i identity) texts() map[string]string {
	return map[string]string{"manifest": i.Manifest, "config": i.Config}
}

func readRun(dir string) (*run, error) {
	r := &run{dir: dir}
	var err error
	for _, file := range []struct {
		name string
		into any
		sum  *string
	}{{trainer.ManifestFile, &r.manifest, &r.identity.Manifest}, {trainer.ConfigFile, &r.settings, &r.identity.Config}} {
		text, readErr := plainfile.Read(context.Background(), filepath.Join(dir, file.name), mostSettings)
		if readErr == nil {
			*file.sum = sum(text)
			if readErr = json.Unmarshal(text, file.into); readErr != nil {
				readErr = fmt.Errorf("%s: %w", file.name, readErr)
			}
		}
		err = errors.Join(err, readErr)
	}
	if err != nil {
		return nil, err
	}
	m := r.manifest
	method, err := objective.MethodNamed(m.Method)
	if err != nil {
		return nil, err
	}
	r.objective = objective.Objective{Method: method, Beta: m.Beta, Alpha: m.Alpha, Norm: m.Norm}
	return r, errors.Join(r.objective.Check(), r.settings.Check(), Check(r.settings, method))
}

// Check says which settings can't be meant for this trainer.
func Check(t trainer.Training, method objective.Method) error {
	for _, c := range []struct {
		wrong bool
		says  string
	}{
		{t.Lora != nil, "lora: it trains every weight"},
		{t.Template != "none", "template: it knows none but none"},
		{t.Precision != "auto" && t.Precision != "float32", "precision: it computes in float32"},
		{t.Attention != "auto", "attention: it has its own (auto)"},
		{len(t.TRL) > 0, "trl: these settings are the PyTorch trainer's"},
		{t.LoggingSteps < 1 || t.SaveSteps < 1 || t.EvalSteps < 1 || t.KeepCheckpoints < 1, "logging_steps, save_steps, eval_steps and keep_checkpoints are above 0"},
		{!(t.Warmup >= 0 && t.Warmup < 1), "warmup is a share from 0 to below 1"},
		{!(t.MaxGradNorm > 0), "max_grad_norm is above 0"},
		{!(t.WeightDecay >= 0), "weight_decay is not below 0"},
		{strings.HasPrefix(t.Model, NewModel) && method.Preference, "a new model prefers nothing: train it with method sft first"},
	} {
		if c.wrong {
			return fmt.Errorf("the embedded trainer can't do that: %s", c.says)
		}
	}
	if shape, made := strings.CutPrefix(t.Model, NewModel); made {
		_, err := ParseShape(shape)
		return err
	}
	return nil
}
