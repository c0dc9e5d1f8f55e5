package trainer

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

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
