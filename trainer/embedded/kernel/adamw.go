package kernel

import (
	"math"
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

// New is an optimizer of parameters of the sizes of like.
func New[F Float](like [][]F) *Optimizer[F] {
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
