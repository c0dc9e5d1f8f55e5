package objective

import (
	"errors"
	"fmt"
	"math"
)

// Answer is one answer's tokens.
type Answer struct {
	Policy    []float64 // log-probability of each token
	Reference []float64 // the same by the reference model; nil where the method has no preference
	Mask      []bool    // tokens that count in the margin
}

// Pair is the two answers to a prompt.
type Pair struct{ Chosen, Rejected Answer }

// Norm says over what the mean log-likelihood is taken.
type Norm string

const (
	// PerBatch is the mean over all tokens of the batch, as the reference code
	// takes it.
	PerBatch Norm = "batch"
	// perSequence is the mean over pairs of the mean over a pair's tokens.
	perSequence Norm = "sequence"
)

// Objective is a method with its numbers.
type Objective struct {
	Method      Method
	Beta, Alpha float64
	Norm        Norm
}

// Gradient holds the derivative of the loss by each policy log-probability.
type Gradient struct{ Chosen, Rejected []float64 }

// Evaluate returns the metrics of a batch, the loss among them, and the loss's
// gradient.
func (o Objective) Evaluate(batch []Pair) (Metrics, []Gradient, error) {
	if err := o.check(batch); err != nil {
		return nil, nil, err
	}
	lp := make([][]float64, len(batch))
	for b, p := range batch {
		lp[b] = append(append([]float64{}, p.Chosen.Policy...), p.Rejected.Policy...)
	}
	terms := o.Terms(batch)
	k := o.Method.Scale(o.Beta, o.Alpha)
	preference, nll, by := k.Loss(lp, terms)
	gradient := make([]Gradient, len(batch))
	for b, p := range batch {
		n := len(p.Chosen.Policy)
		gradient[b] = Gradient{by[b][:n], by[b][n:]}
	}
	return o.metrics(batch, k, preference, nll), gradient, nil
}

// Terms makes the formula's M, c and s. The policy's log-probabilities aren't
// needed for them.
func (o Objective) Terms(batch []Pair) []Term {
	terms := make([]Term, len(batch))
	tokens := 0
	for b, p := range batch {
		t := Term{M: append(signed(p.Chosen.Mask, 1), signed(p.Rejected.Mask, -1)...)}
		if o.Method.Preference {
			t.C = margin(p.Chosen.Mask, p.Chosen.Reference) - margin(p.Rejected.Mask, p.Rejected.Reference)
		}
		t.S = make([]float64, len(t.M))
		tokens += len(o.likely(p, t.S))
		terms[b] = t
	}
	for b, p := range batch {
		s := o.likely(p, terms[b].S)
		over := tokens
		if o.Norm == perSequence {
			over = len(s) * len(batch)
		}
		for i := range s {
			s[i] = 1 / float64(over)
		}
	}
	return terms
}

// likely is the part of a pair's token weights that the log-likelihood has.
func (o Objective) likely(p Pair, s []float64) []float64 {
	n := len(p.Chosen.Mask)
	switch o.Method.NLL {
	case Chosen:
		return s[:n]
	case Rejected:
		return s[n:]
	}
	return nil
}

func signed(mask []bool, sign float64) []float64 {
	m := make([]float64, len(mask))
	for i, in := range mask {
		if in {
			m[i] = sign
		}
	}
	return m
}

// margin is the sum of lp over the mask: K.
func margin(mask []bool, lp []float64) float64 {
	sum := 0.0
	for i, in := range mask {
		if in {
			sum += lp[i]
		}
	}
	return sum
}

// Check says what is wrong with the numbers.
func (o Objective) Check() error {
	switch {
	case o.Norm != PerBatch && o.Norm != perSequence:
		return fmt.Errorf("no norm is called %q: there are %s and %s", o.Norm, PerBatch, perSequence)
	case !(o.Beta > 0) || math.IsInf(o.Beta, 1):
		return fmt.Errorf("β is %v: it must be above 0", o.Beta)
	case !(o.Alpha >= 0) || math.IsInf(o.Alpha, 1):
		return fmt.Errorf("α is %v: it must not be below 0", o.Alpha)
	case !o.Method.Preference && o.Alpha == 0:
		return fmt.Errorf("α is 0, and %s has no other term: nothing would be trained", o.Method.Name)
	}
	return nil
}

func (o Objective) check(batch []Pair) error {
	if err := o.Check(); err != nil {
		return err
	}
	if len(batch) == 0 {
		return errors.New("the batch is empty")
	}
	for b, p := range batch {
		for _, side := range []struct {
			Side
			Answer
		}{{Chosen, p.Chosen}, {Rejected, p.Rejected}} {
			if !o.Method.Needs(side.Side) && len(side.Policy) == 0 && len(side.Mask) == 0 {
				continue // nobody asked what the policy says of it
			}
			if err := side.check(o.Method.Preference); err != nil {
				return fmt.Errorf("pair %d, %s: %w", b, side.Side, err)
			}
		}
	}
	return nil
}

func (a Answer) check(reference bool) error {
	n := len(a.Policy)
	switch {
	case n == 0:
		return errors.New("it has no tokens")
	case len(a.Mask) != n:
		return fmt.Errorf("%d tokens have a mask of %d", n, len(a.Mask))
	case reference && len(a.Reference) != n:
		return fmt.Errorf("%d tokens have %d log-probabilities of the reference", n, len(a.Reference))
	}
	for _, lps := range [][]float64{a.Policy, a.Reference} {
		for i, lp := range lps {
			if math.IsNaN(lp) || math.IsInf(lp, 0) {
				return fmt.Errorf("the log-probability of token %d is %v", i, lp)
			}
		}
	}
	return nil
}

// Metrics are a batch's figures under TRL's names, with dpo_loss and nll_loss,
// the formula's two parts before w and α. What a method doesn't have is absent.
// Rewards and logps are taken over the masks, as the loss takes them.
type Metrics map[string]float64

func (o Objective) metrics(batch []Pair, k Scale, preference, nll float64) Metrics {
	m := Metrics{}
	n := float64(len(batch))
	for _, p := range batch {
		for side, a := range map[Side]Answer{Chosen: p.Chosen, Rejected: p.Rejected} {
			if len(a.Policy) > 0 {
				m["logps/"+string(side)] += margin(a.Mask, a.Policy) / n
			}
		}
	}
	if o.Method.NLL != none {
		m["nll_loss"] = nll
		m["loss"] += k.Alpha * nll
	}
	if !o.Method.Preference {
		return m
	}
	m["dpo_loss"] = preference
	m["loss"] += k.W * preference
	m["rewards/accuracies"] = 0
	for _, p := range batch {
		chosen, rejected := o.reward(p.Chosen), o.reward(p.Rejected)
		m["rewards/chosen"] += chosen / n
		m["rewards/rejected"] += rejected / n
		m["rewards/margins"] += (chosen - rejected) / n
		if chosen > rejected {
			m["rewards/accuracies"] += 1 / n
		}
	}
	return m
}

// reward is β K.
func (o Objective) reward(a Answer) float64 {
	return o.Beta * (margin(a.Mask, a.Policy) - margin(a.Mask, a.Reference))
}
