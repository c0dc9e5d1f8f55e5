package trainer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/assay-dev/assay/trainer/mask"
	"github.com/assay-dev/assay/trainer/objective"
)

// Settings are all that a run is asked for: what decides its loss, and how it
// is trained.
type Settings struct {
	Method    string         `json:"method"`
	Mask      mask.Kind      `json:"mask"`
	Symmetric bool           `json:"symmetric"`
	Empty     Empty          `json:"empty"`
	Beta      float64        `json:"beta"`
	Alpha     float64        `json:"alpha"`
	Norm      objective.Norm `json:"norm"`
	Rule      mask.Rule      `json:"rule"`
	Training
}

// Paper are the settings of the paper.
func Paper() Settings {
	return Settings{
		Method: "target-rpo", Mask: mask.Line, Empty: Refuse, Beta: 0.1, Alpha: 1,
		Norm: objective.PerBatch, Rule: mask.Overlap, Training: paperTraining(),
	}
}

// Merge takes what an object of JSON says in place of what s has.
func (s *Settings) Merge(object []byte) error {
	if trimmed := strings.TrimSpace(string(object)); !strings.HasPrefix(trimmed, "{") {
		return errors.New("settings are an object of JSON")
	}
	d := json.NewDecoder(strings.NewReader(string(object)))
	d.DisallowUnknownFields()
	err := d.Decode(s)
	if err == nil && d.More() {
		return errors.New("there is something after the object of settings")
	}
	return s.explain(err)
}

// Set takes key=value. A dot leads into an object (lora.r=8); a value that is
// no JSON is a text.
func (s *Settings) Set(setting string) error {
	key, text, ok := strings.Cut(setting, "=")
	if !ok || key == "" {
		return fmt.Errorf("%q: write key=value", setting)
	}
	value := json.RawMessage(text)
	if !json.Valid(value) {
		value, _ = json.Marshal(text) // a text has a form in JSON
	}
	path := strings.Split(key, ".")
	for _, name := range slices.Backward(path) {
		value, _ = json.Marshal(map[string]json.RawMessage{name: value})
	}
	if err := s.Merge(value); err != nil {
		return fmt.Errorf("%s: %w", setting, err)
	}
	return nil
}

// explain says in words of settings what the decoder says in words of Go.
func (s *Settings) explain(err error) error {
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &kind) && kind.Field != "":
		parts := strings.Split(kind.Field, ".")
		return fmt.Errorf("%s is %s, not %s", parts[len(parts)-1], article(kind.Value), wanted(kind.Type))
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return fmt.Errorf("there is no setting %s; there are %s", strings.TrimPrefix(err.Error(), "json: unknown field "), strings.Join(SettingNames(), ", "))
	}
	return err
}

func article(kind string) string {
	kind, _, _ = strings.Cut(kind, " ")
	switch kind {
	case "bool":
		return "true or false"
	case "string":
		return "a text"
	case "array", "object":
		return "an " + kind
	}
	return "a " + kind + " that does not fit"
}

func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Uint64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	}
	return "an object"
}

// SettingNames are the keys that there are.
func SettingNames() []string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Settings]()) {
		if name := f.Tag.Get("json"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// Run makes the run that the settings describe, for this version of assay.
func (s Settings) Run(assay string) (Run, error) {
	method, err := objective.MethodNamed(s.Method)
	if err != nil {
		return Run{}, err
	}
	if s.TRL == nil { // its setting was null
		s.TRL = map[string]any{}
	}
	config, err := json.Marshal(s.Training)
	if err != nil {
		return Run{}, err
	}
	r := Run{
		Assay:     assay,
		Objective: objective.Objective{Method: method, Beta: s.Beta, Alpha: s.Alpha, Norm: s.Norm},
		Choice:    Choice{Method: method, Mask: s.Mask, Symmetric: s.Symmetric, Empty: s.Empty, Seed: s.Seed},
		Rule:      s.Rule,
		Config:    config,
	}
	return r, errors.Join(r.Check(), s.Training.Check())
}

// Steps says into how many pairs to learn from and to hold out the trainer
// divides so many, and how many steps it takes. Rows that turn out too long make
// them fewer.
func (t Training) Steps(pairs int) (learned, held, steps int) {
	held = int(math.RoundToEven(float64(pairs) * t.HeldOut))
	learned = pairs - held
	forwards := (learned + t.MicroBatchSize - 1) / t.MicroBatchSize
	accumulated := max(1, t.BatchSize/t.MicroBatchSize)
	perEpoch := max(1, (forwards+accumulated-1)/accumulated)
	steps = int(math.Ceil(t.Epochs * float64(perEpoch)))
	if t.MaxSteps > 0 {
		steps = t.MaxSteps
	}
	return learned, held, steps
}

// Training is how a run is trained: what config.json says. The settings and
// their defaults are those of assay_trl/config.py, and a test compares the two.
type Training struct {
	Model                 string         `json:"model"`
	Template              string         `json:"template"`
	Lora                  *Lora          `json:"lora"`
	Reference             string         `json:"reference"`
	LearningRate          float64        `json:"learning_rate"`
	BatchSize             int            `json:"batch_size"`
	MicroBatchSize        int            `json:"micro_batch_size"`
	Epochs                float64        `json:"epochs"`
	MaxSteps              int            `json:"max_steps"`
	Warmup                float64        `json:"warmup"`
	Scheduler             string         `json:"scheduler"`
	WeightDecay           float64        `json:"weight_decay"`
	MaxGradNorm           float64        `json:"max_grad_norm"`
	MaxPromptLength       int            `json:"max_prompt_length"`
	MaxLength             int            `json:"max_length"`
	HeldOut               float64        `json:"held_out"`
	Precision             string         `json:"precision"`
	Attention             string         `json:"attention"`
	GradientCheckpointing bool           `json:"gradient_checkpointing"`
	Seed                  uint64         `json:"seed"`
	LoggingSteps          int            `json:"logging_steps"`
	SaveSteps             int            `json:"save_steps"`
	EvalSteps             int            `json:"eval_steps"`
	KeepCheckpoints       int            `json:"keep_checkpoints"`
	TRL                   map[string]any `json:"trl"`
}

func paperTraining() Training {
	return Training{
		Template: "none", Reference: "live",
		LearningRate: 1e-5, BatchSize: 128, MicroBatchSize: 4, Epochs: 2, MaxSteps: -1,
		Warmup: 0.03, Scheduler: "cosine", MaxGradNorm: 1,
		MaxPromptLength: 1024, MaxLength: 2048, HeldOut: 0.05,
		Precision: "auto", Attention: "auto", GradientCheckpointing: true,
		LoggingSteps: 1, SaveSteps: 100, EvalSteps: 100, KeepCheckpoints: 2,
		TRL: map[string]any{},
	}
}

// Lora is an adapter that is trained in place of every weight.
type Lora struct {
	R       int `json:"r"`
	Alpha   int `json:"alpha"`
	Targets any `json:"targets"` // a text, or a list of them
}

// UnmarshalJSON takes the usual numbers for what an object leaves out.
func (l *Lora) UnmarshalJSON(data []byte) error {
	type plain Lora
	if l.Targets == nil {
		*l = Lora{R: 16, Alpha: 32, Targets: "all-linear"}
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	if err := d.Decode((*plain)(l)); err != nil {
		return fmt.Errorf("lora has r, alpha and targets: %w", err)
	}
	return nil
}

// Check says what is wrong with the numbers that steps are counted by. The
// trainer knows more about the rest, and says it before it trains.
func (t Training) Check() error {
	for _, n := range []struct {
		name  string
		value float64
	}{
		{"learning_rate", t.LearningRate}, {"batch_size", float64(t.BatchSize)}, {"micro_batch_size", float64(t.MicroBatchSize)},
		{"epochs", t.Epochs}, {"max_prompt_length", float64(t.MaxPromptLength)}, {"max_length", float64(t.MaxLength)},
	} {
		if !(n.value > 0) {
			return fmt.Errorf("%s is %v: it must be above 0", n.name, n.value)
		}
	}
	switch {
	case !(t.HeldOut >= 0 && t.HeldOut < 1):
		return fmt.Errorf("held_out is %v: it is a share from 0 to below 1", t.HeldOut)
	case t.BatchSize%t.MicroBatchSize != 0:
		return fmt.Errorf("batch_size %d is not a multiple of micro_batch_size %d", t.BatchSize, t.MicroBatchSize)
	case t.Seed > math.MaxUint32:
		return fmt.Errorf("seed is %d: it is at most %d", t.Seed, uint32(math.MaxUint32))
	}
	return nil
}
