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
