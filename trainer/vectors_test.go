package trainer_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/mask"
	"github.com/assay-dev/assay/trainer/objective"

	"github.com/google/go-cmp/cmp"
)

type vectors struct {
	Seed  uint64
	Pairs []struct {
		ID, Prompt       string
		Chosen, Rejected vectorAnswer
	}
	Cases []struct {
		Method      string
		Mask        mask.Kind
		Symmetric   bool
		Rule        mask.Rule
		Norm        objective.Norm
		Beta, Alpha float64
		Spans       []struct{ Chosen, Rejected mask.Mask }
		Weights     []struct{ Chosen, Rejected []float64 }
		Metrics     map[string]float64
		Gradient    []objective.Gradient
	}
}

type vectorAnswer struct {
	Text              string
	Offsets           []mask.Span
	Policy, Reference []float64
}

// TestVectors holds masks, tokens, loss, metrics and gradients to a program of
// another language that shares nothing with them: testdata/vectors.py.
func TestVectors(t *testing.T) {
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	for _, c := range v.Cases {
		t.Run(fmt.Sprintf("%s/%s/symmetric=%v/%s/%s", c.Method, c.Mask, c.Symmetric, c.Rule, c.Norm), func(t *testing.T) {
			method, err := objective.MethodNamed(c.Method)
			if err != nil {
				t.Fatal(err)
			}
			preparer, err := trainer.NewPreparer(trainer.Choice{Method: method, Mask: c.Mask, Symmetric: c.Symmetric, Seed: v.Seed})
			if err != nil {
				t.Fatal(err)
			}
			batch := make([]objective.Pair, len(v.Pairs))
			for i, p := range v.Pairs {
				pair, err := trainer.NewPair(p.ID, p.Prompt, p.Chosen.Text, p.Rejected.Text)
				if err != nil {
					t.Fatal(err)
				}
				row, ok, err := preparer.Row(pair)
				if err != nil || !ok {
					t.Fatalf("%s: kept %v, %v", p.ID, ok, err)
				}
				batch[i].Chosen = answer(t, p.Chosen, row.ChosenSpans, c.Spans[i].Chosen, c.Rule, c.Weights[i].Chosen)
				batch[i].Rejected = answer(t, p.Rejected, row.RejectedSpans, c.Spans[i].Rejected, c.Rule, c.Weights[i].Rejected)
			}
			o := objective.Objective{Method: method, Beta: c.Beta, Alpha: c.Alpha, Norm: c.Norm}
			metrics, gradient, err := o.Evaluate(batch)
			if err != nil {
				t.Fatal(err)
			}
			near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 1e-12*(1+math.Abs(b)) })
			if diff := cmp.Diff(c.Metrics, map[string]float64(metrics), near); diff != "" {
				t.Errorf("metrics (-torch +ours):\n%s", diff)
			}
			if diff := cmp.Diff(c.Gradient, gradient, near); diff != "" {
				t.Errorf("gradient (-torch +ours):\n%s", diff)
			}
		})
	}
}

// answer maps a mask to tokens, and checks the way there.
func answer(t *testing.T, a vectorAnswer, got, want mask.Mask, rule mask.Rule, weights []float64) objective.Answer {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("spans of %q (-want +got):\n%s", a.Text, diff)
	}
	tokens, err := got.Tokens(rule, a.Offsets)
	if err != nil {
		t.Fatal(err)
	}
	for i, in := range tokens {
		if in != (weights[i] == 1) {
			t.Fatalf("token %d of %q: in the mask: %v, want weight %v", i, a.Text, in, weights[i])
		}
	}
	return objective.Answer{Policy: a.Policy, Reference: a.Reference, Mask: tokens}
}
