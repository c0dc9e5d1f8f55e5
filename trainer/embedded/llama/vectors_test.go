package llama

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/assay-dev/assay/trainer/objective"
)

// TestVectors holds the loss in the graph, and its gradient, to the vectors that
// the objective and the PyTorch trainer are held to: every method by every mask.
func TestVectors(t *testing.T) {
	text, err := os.ReadFile("../../testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Pairs []struct {
			Chosen, Rejected struct{ Policy, Reference []float64 }
		}
		Cases []struct {
			Method, Mask string
			Norm         objective.Norm
			Beta, Alpha  float64
			Weights      []struct{ Chosen, Rejected []float64 }
			Metrics      map[string]float64
			Gradient     []objective.Gradient
		}
	}
	if err := json.Unmarshal(text, &v); err != nil || len(v.Cases) < 40 {
		t.Fatal(len(v.Cases), err)
	}
	for n, c := range v.Cases {
		t.Run(fmt.Sprintf("%d/%s/%s", n, c.Method, c.Mask), func(t *testing.T) {
			method, err := objective.MethodNamed(c.Method)
			if err != nil {
				t.Fatal(err)
			}
			var pairs []objective.Pair
			var lp []float32
			g := &Graph[float32]{graph: gorgonia.NewGraph()}
			for i, p := range v.Pairs {
				pairs = append(pairs, objective.Pair{
					Chosen:   objective.Answer{Mask: ones(c.Weights[i].Chosen), Reference: p.Chosen.Reference},
					Rejected: objective.Answer{Mask: ones(c.Weights[i].Rejected), Reference: p.Rejected.Reference},
				})
				var rows []int
				for _, x := range append(append([]float64{}, p.Chosen.Policy...), p.Rejected.Policy...) {
					rows = append(rows, len(lp))
					lp = append(lp, float32(x))
				}
				g.Batch.Rows = append(g.Batch.Rows, rows)
			}
			g.capacity = len(lp)
			g.Batch.IDs = make([]int32, len(lp))
			o := objective.Objective{Method: method, Beta: c.Beta, Alpha: c.Alpha, Norm: c.Norm}
			g.Batch.Terms = o.Terms(pairs)
			g.scale = method.Scale(c.Beta, c.Alpha)
			g.logProbs = gorgonia.NewVector(g.graph, gorgonia.Float32, gorgonia.WithShape(len(lp)), gorgonia.WithName("lp"),
				gorgonia.WithValue(tensor.New(tensor.WithShape(len(lp)), tensor.WithBacking(lp))))
			g.objective()
			if g.err != nil {
				t.Fatal(g.err)
			}
			if g.grads, g.err = gorgonia.Grad(g.loss, g.logProbs); g.err != nil {
				t.Fatal(g.err)
			}
			if _, err := g.finish(); err != nil {
				t.Fatal(err)
			}
			defer g.Close()
			if err := g.Run(); err != nil {
				t.Fatal(err)
			}
			near := func(what string, got float32, want float64) {
				if d := math.Abs(float64(got) - want); !(d <= 1e-4*(1+math.Abs(want))) {
					t.Errorf("%s is %v, want %v", what, got, want)
				}
			}
			near("the loss", g.Loss(), c.Metrics["loss"])
			at := 0
			for i, pair := range c.Gradient {
				for j, want := range append(append([]float64{}, pair.Chosen...), pair.Rejected...) {
					near(fmt.Sprintf("pair %d, the gradient by token %d", i, j), g.Gradient(0)[at], want)
					at++
				}
			}
			if at != len(lp) {
				t.Errorf("%d gradients for %d tokens", at, len(lp))
			}
		})
	}
}

func ones(weights []float64) []bool {
	out := make([]bool, len(weights))
	for i, w := range weights {
		out[i] = w == 1
	}
	return out
}
