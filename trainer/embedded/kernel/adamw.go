package kernel

import (
	"fmt"
	"math"
	"strings"
)

// Numbers of Adam, as transformers has them.
const (
	beta1, beta2 = 0.9, 0.999
	epsilon      = 1e-8
)

// Optimizer holds the moments of each parameter.
type Optimizer[F Float] struct {
	Step   int // updates made
	First  [][]F
	Second [][]F
}

// NewOptimizer is an optimizer of parameters of the sizes of like.
func NewOptimizer[F Float](like [][]F) *Optimizer[F] {
	o := &Optimizer[F]{}
	for _, p := range like {
		o.First, o.Second = append(o.First, make([]F, len(p))), append(o.Second, make([]F, len(p)))
	}
	return o
}

// Update moves the weights against their gradients. Decay is the share of a
// weight that goes, times the rate, for each parameter.
func (o *Optimizer[F]) Update(weights, gradients [][]F, rate float64, decay []float64) {
	o.Step++
	first := 1 - math.Pow(beta1, float64(o.Step))
	second := math.Sqrt(1 - math.Pow(beta2, float64(o.Step)))
	for i, w := range weights {
		m, v, g := o.First[i], o.Second[i], gradients[i]
		keep, step, root := F(1-rate*decay[i]), F(rate/first), F(1/second)
		Parts(len(w), 1<<14, func(from, to int) {
			for j := from; j < to; j++ {
				d := g[j]
				m[j] += (d - m[j]) * (1 - beta1)
				v[j] = v[j]*beta2 + d*d*(1-beta2)
				w[j] = w[j]*keep - step*m[j]/(F(math.Sqrt(float64(v[j])))*root+epsilon)
			}
		})
	}
}

// GradientNorm is that of all gradients together.
func GradientNorm[F Float](gradients [][]F) float64 {
	sum := 0.0
	for _, g := range gradients {
		for _, x := range g {
			sum += float64(x) * float64(x)
		}
	}
	return math.Sqrt(sum)
}

// Clip scales the gradients so that their norm is at most so much.
func Clip[F Float](gradients [][]F, norm, most float64) {
	scale := most / (norm + 1e-6)
	if scale >= 1 {
		return
	}
	for _, g := range gradients {
		for i := range g {
			g[i] *= F(scale)
		}
	}
}

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
