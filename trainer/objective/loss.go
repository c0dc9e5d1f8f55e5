package objective

import "math"

// Term is what the formula needs to know of one pair: its tokens are those of
// the chosen answer and then those of the rejected one.
type Term struct {
	M []float64 // signed weight of each token's log-probability in the margin
	C float64   // the reference model's margin under the same weights
	S []float64 // weight of each token in the mean log-likelihood
}

// Scale holds the constants of the formula.
type Scale struct{ W, Beta, Alpha float64 }

// Loss returns the formula's two parts, before w and α, and the gradient of the
// whole with respect to each log-probability.
func (k Scale) Loss(lp [][]float64, terms []Term) (preference, nll float64, gradient [][]float64) {
	n := float64(len(terms))
	gradient = make([][]float64, len(terms))
	for b, t := range terms {
		z := k.Beta * (dot(t.M, lp[b]) - t.C)
		preference += softplus(-z) / n
		nll -= dot(t.S, lp[b])
		g := make([]float64, len(t.M))
		pull := -k.W * k.Beta * sigmoid(-z) / n
		for i := range g {
			g[i] = pull*t.M[i] - k.Alpha*t.S[i]
		}
		gradient[b] = g
	}
	return preference, nll, gradient
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// softplus is log(1 + eˣ) for any x.
func softplus(x float64) float64 {
	return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

func sigmoid(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}
