package kernel

import (
	"fmt"
	"math"
	"strings"
)

// Schedule is how a learning rate changes over the steps of a run.
type Schedule struct {
	Kind   string
	Steps  int
	WarmUp int // steps on which it rises from 0
}

// after are the shares of the rate after the warm-up, by how much of the rest is
// over.
var after = map[string]func(over float64) float64{
	"cosine":   func(over float64) float64 { return 0.5 * (1 + math.Cos(math.Pi*over)) },
	"linear":   func(over float64) float64 { return 1 - over },
	"constant": func(float64) float64 { return 1 },
}

// NewSchedule is the schedule of a name, with a share of its steps to warm up.
func NewSchedule(kind string, steps int, warmUp float64) (Schedule, error) {
	kind = strings.TrimSuffix(kind, "_with_warmup")
	if after[kind] == nil {
		return Schedule{}, fmt.Errorf("no scheduler is called %q here: there are cosine, linear and constant", kind)
	}
	return Schedule{kind, steps, int(math.Ceil(float64(steps) * warmUp))}, nil
}

// At is the share of the rate at a step, counted from 0. With a warm-up the first
// one is 0, as transformers has it.
func (s Schedule) At(step int) float64 {
	if step < s.WarmUp {
		return float64(step) / float64(s.WarmUp)
	}
	return max(0, after[s.Kind](float64(step-s.WarmUp)/float64(max(1, s.Steps-s.WarmUp))))
}
