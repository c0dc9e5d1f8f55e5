package objective

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func batch(rng *rand.Rand, pairs int) []Pair {
	out := make([]Pair, pairs)
	for i := range out {
		out[i] = Pair{randomAnswer(rng), randomAnswer(rng)}
	}
	return out
}

func randomAnswer(rng *rand.Rand) Answer {
	n := 1 + rng.IntN(6)
	a := Answer{Policy: make([]float64, n), Reference: make([]float64, n), Mask: make([]bool, n)}
	for i := range n {
		a.Policy[i], a.Reference[i], a.Mask[i] = -3*rng.Float64(), -3*rng.Float64(), rng.IntN(2) == 0
	}
	return a
}

func objectives() []Objective {
	var out []Objective
	for _, m := range Methods {
		for _, norm := range []Norm{PerBatch, perSequence} {
			out = append(out, Objective{m, 0.3, 0.7, norm})
		}
	}
	return out
}

// TestGradientByDifferences moves each log-probability a little.
func TestGradientByDifferences(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const h = 1e-5
	for _, o := range objectives() {
		pairs := batch(rng, 4)
		_, gradient, err := o.Evaluate(pairs)
		if err != nil {
			t.Fatal(err)
		}
		for b, p := range pairs {
			for _, side := range []struct {
				lp, gradient []float64
			}{{p.Chosen.Policy, gradient[b].Chosen}, {p.Rejected.Policy, gradient[b].Rejected}} {
				for i, at := range side.lp {
					side.lp[i] = at + h
					up, _, _ := o.Evaluate(pairs)
					side.lp[i] = at - h
					down, _, _ := o.Evaluate(pairs)
					side.lp[i] = at
					if got := (up["loss"] - down["loss"]) / (2 * h); math.Abs(got-side.gradient[i]) > 1e-8 {
						t.Fatalf("%s, pair %d, token %d: gradient %v, by differences %v", o.Method.Name, b, i, side.gradient[i], got)
					}
				}
			}
		}
	}
}

// TestIdentities: what must hold for any batch.
func TestIdentities(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	near := cmpopts.EquateApprox(0, 1e-12)
	named := func(name string, alpha float64) Objective {
		m, err := MethodNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		return Objective{m, 0.1, alpha, PerBatch}
	}
	for range 200 {
		pairs := batch(rng, 1+rng.IntN(5))

		whole := clone(pairs)
		for _, p := range whole {
			fill(p.Chosen.Mask)
			fill(p.Rejected.Mask)
		}
		same(t, "a mask of ones makes Target-RPO RPO", named("target-rpo", 1), named("rpo", 1), whole, near)
		same(t, "a mask of ones makes Target-DPO DPO", named("target-dpo", 1), named("dpo", 1), whole, near)

		equal := clone(pairs)
		for _, p := range equal {
			copy(p.Chosen.Reference, p.Chosen.Policy)
			copy(p.Rejected.Reference, p.Rejected.Policy)
		}
		m, _, err := named("target-rpo", 1).Evaluate(equal)
		if err != nil || math.Abs(m["dpo_loss"]-math.Ln2) > 1e-12 || m["rewards/margins"] != 0 {
			t.Fatalf("policy = reference: %v, %v; want ln 2 and no margin", m, err)
		}

		noNLL, _, _ := named("target-rpo", 0).Evaluate(pairs)
		dpo, _, _ := named("target-dpo", 1).Evaluate(pairs)
		if noNLL["loss"] != dpo["loss"] {
			t.Fatalf("α = 0: Target-RPO %v, Target-DPO %v", noNLL["loss"], dpo["loss"])
		}

		sft, gradient, _ := named("sft", 1).Evaluate(pairs)
		if sft["loss"] != sft["nll_loss"] {
			t.Fatalf("SFT's loss %v is not its nll_loss %v", sft["loss"], sft["nll_loss"])
		}
		for _, g := range gradient {
			for _, v := range g.Rejected {
				if v != 0 {
					t.Fatalf("SFT moves the rejected answer by %v", v)
				}
			}
		}
	}
}

func same(t *testing.T, what string, a, b Objective, pairs []Pair, near cmp.Option) {
	t.Helper()
	ma, ga, errA := a.Evaluate(pairs)
	mb, gb, errB := b.Evaluate(pairs)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if diff := cmp.Diff(ma, mb, near) + cmp.Diff(ga, gb, near); diff != "" {
		t.Fatalf("%s:\n%s", what, diff)
	}
}

func clone(pairs []Pair) []Pair {
	out := make([]Pair, len(pairs))
	for i, p := range pairs {
		out[i] = Pair{p.Chosen.clone(), p.Rejected.clone()}
	}
	return out
}

func (a Answer) clone() Answer {
	return Answer{append([]float64{}, a.Policy...), append([]float64{}, a.Reference...), append([]bool{}, a.Mask...)}
}

func fill(mask []bool) {
	for i := range mask {
		mask[i] = true
	}
}

// TestOnlyMaskedTokensArePushed: outside of D⁻ the rejected answer has no pull.
func TestOnlyMaskedTokensArePushed(t *testing.T) {
	m, err := MethodNamed("target-rpo")
	if err != nil {
		t.Fatal(err)
	}
	pairs := batch(rand.New(rand.NewPCG(7, 8)), 20)
	_, gradient, err := Objective{m, 0.1, 1, PerBatch}.Evaluate(pairs)
	if err != nil {
		t.Fatal(err)
	}
	for b, p := range pairs {
		for i, in := range p.Rejected.Mask {
			if in != (gradient[b].Rejected[i] > 0) {
				t.Fatalf("pair %d, token %d: in the mask: %v, gradient %v", b, i, in, gradient[b].Rejected[i])
			}
		}
	}
}

// TestFarMargins: no overflow, however sure the policy is.
func TestFarMargins(t *testing.T) {
	m, _ := MethodNamed("dpo")
	for _, c := range []struct{ lp, loss float64 }{{-5000, 5000}, {5000, 0}} {
		a := Answer{[]float64{c.lp}, []float64{0}, []bool{true}}
		r := Answer{[]float64{0}, []float64{0}, []bool{true}}
		got, gradient, err := Objective{m, 1, 0, PerBatch}.Evaluate([]Pair{{a, r}})
		if err != nil || got["loss"] != c.loss || math.IsNaN(gradient[0].Chosen[0]) {
			t.Errorf("a margin of %v: %v, %v, %v", c.lp, got, gradient, err)
		}
	}
}

// TestAnswerThatNobodyNeeds: SFT is the same without the rejected answers.
func TestAnswerThatNobodyNeeds(t *testing.T) {
	sft, _ := MethodNamed("sft")
	o := Objective{sft, 0.1, 1, PerBatch}
	pairs := batch(rand.New(rand.NewPCG(9, 1)), 3)
	want, wantGradient, err := o.Evaluate(pairs)
	if err != nil {
		t.Fatal(err)
	}
	for i := range pairs {
		pairs[i].Rejected = Answer{}
	}
	got, gradient, err := o.Evaluate(pairs)
	delete(want, "logps/rejected")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for b := range gradient {
		if diff := cmp.Diff(wantGradient[b].Chosen, gradient[b].Chosen); diff != "" || len(gradient[b].Rejected) != 0 {
			t.Error(diff)
		}
	}
}

func TestBadBatches(t *testing.T) {
	m, _ := MethodNamed("rpo")
	o := Objective{m, 0.1, 1, PerBatch}
	good := Answer{[]float64{-1}, []float64{-1}, []bool{true}}
	for want, pairs := range map[string][]Pair{
		"the batch is empty":                          nil,
		"pair 0, chosen: it has no tokens":            {{Answer{}, good}},
		"pair 1, rejected: 1 tokens have a mask of 0": {{good, good}, {good, Answer{[]float64{-1}, []float64{-1}, nil}}},
		"1 tokens have 0 log-probabilities":           {{Answer{[]float64{-1}, nil, []bool{true}}, good}},
		"token 0 is NaN":                              {{Answer{[]float64{math.NaN()}, []float64{-1}, []bool{true}}, good}},
		"token 0 is -Inf":                             {{Answer{[]float64{-1}, []float64{math.Inf(-1)}, []bool{true}}, good}},
	} {
		if _, _, err := o.Evaluate(pairs); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := MethodNamed("ppo"); err == nil || !strings.Contains(err.Error(), "target-rpo") {
		t.Errorf("an unknown method: %v", err)
	}
	sft, _ := MethodNamed("sft")
	for want, o := range map[string]Objective{
		`no norm is called "token"`: {m, 0.1, 1, "token"},
		"β is 0":                    {m, 0, 1, PerBatch},
		"β is NaN":                  {m, math.NaN(), 1, PerBatch},
		"α is -1":                   {m, 0.1, -1, PerBatch},
		"nothing would be trained":  {sft, 0.1, 0, PerBatch},
	} {
		if _, _, err := o.Evaluate([]Pair{{good, good}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
