package objective

import (
	"fmt"
	"math"
	"strings"
)

// Side is an answer of a pair, or neither.
type Side string

const (
	none     Side = "none"
	Chosen   Side = "chosen"
	Rejected Side = "rejected"
)

// Target says which of the pairs get a mask that is narrower than everything.
type Target string

const (
	Nobody    Target = "nobody"
	Half      Target = "half"
	Everybody Target = "everybody"
)

// Method is a choice of the formula's weights.
type Method struct {
	Name       string
	Preference bool   // w is 1 and not 0
	Target     Target // pairs whose M follows the mask; the others' is everything
	NLL        Side   // the answer whose tokens s weighs; None: α is 0
}

// Methods are the methods in the order in which tables show them. sft-incorrect
// is the control of the paper's ablation: likelihood of the rejected answer.
var Methods = []Method{
	{"sft", false, Nobody, Chosen},
	{"sft-incorrect", false, Nobody, Rejected},
	{"dpo", true, Nobody, none},
	{"rpo", true, Nobody, Chosen},
	{"target-dpo", true, Everybody, none},
	{"target-rpo", true, Everybody, Chosen},
	{"hybrid", true, Half, Chosen},
}

// MethodNamed finds a method.
func MethodNamed(name string) (Method, error) {
	var names []string
	for _, m := range Methods {
		if m.Name == name {
			return m, nil
		}
		names = append(names, m.Name)
	}
	return Method{}, fmt.Errorf("no method is called %q: there are %s", name, strings.Join(names, ", "))
}

// Needs says whether the loss depends on a side's log-probabilities. An answer
// that it doesn't depend on may be left empty.
func (m Method) Needs(side Side) bool { return m.Preference || m.NLL == side }

// Scale returns the formula's constants for m.
func (m Method) Scale(beta, alpha float64) Scale {
	k := Scale{Beta: beta}
	if m.Preference {
		k.W = 1
	}
	if m.NLL != none {
		k.Alpha = alpha
	}
	return k
}

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
