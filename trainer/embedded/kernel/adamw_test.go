package kernel

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestTorch holds every step to torch's and transformers' (testdata/fixture.py).
func TestTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/fixture.json")
	if err != nil {
		t.Fatal(err)
	}
	var runs []struct {
		Kind               string
		Decay, Clip, Rate  float64
		Steps, WarmUp      int
		Start              [][]float64
		Gradients, Weights [][][]float64
		Norms              []float64
	}
	if err := json.Unmarshal(text, &runs); err != nil || len(runs) < 3 {
		t.Fatal(len(runs), err)
	}
	for _, r := range runs {
		s, err := NewSchedule(r.Kind, r.Steps, float64(r.WarmUp)/float64(r.Steps))
		if err != nil || s.WarmUp != r.WarmUp {
			t.Fatal(s, err)
		}
		w := r.Start
		o := NewOptimizer(w)
		for step, g := range r.Gradients {
			norm := GradientNorm(g)
			if math.Abs(norm-r.Norms[step]) > 1e-12 {
				t.Errorf("%s, step %d: the norm is %v, want %v", r.Kind, step, norm, r.Norms[step])
			}
			Clip(g, norm, r.Clip)
			o.Update(w, g, r.Rate*s.At(step), []float64{r.Decay, 0})
			for i, want := range r.Weights[step] {
				for j := range want {
					if d := math.Abs(w[i][j] - want[j]); !(d <= 1e-12) {
						t.Fatalf("%s, step %d: weight %d of %d is %v, want %v", r.Kind, step, j, i, w[i][j], want[j])
					}
				}
			}
		}
	}
}

func TestSchedules(t *testing.T) {
	s, err := NewSchedule("cosine", 10, 0.11)
	if err != nil || s.WarmUp != 2 || s.At(0) != 0 || s.At(1) != 0.5 || s.At(2) != 1 || math.Abs(s.At(6)-0.5) > 1e-15 || s.At(10) != 0 || s.At(11) < 0 {
		t.Errorf("%v, %v", s, err)
	}
	if _, err := NewSchedule("polynomial", 10, 0); err == nil || !strings.Contains(err.Error(), "cosine, linear and constant") {
		t.Error(err)
	}
}

// TestParts: many weights have the bits of few.
func TestAdamwParts(t *testing.T) {
	const n = 1<<14 + 7
	w, g := make([]float32, n), make([]float32, n)
	for i := range w {
		w[i], g[i] = float32(i%5), float32(i%3)-1
	}
	few, grad := slices.Clone(w[:15]), slices.Clone(g[:15])
	all, some := NewOptimizer([][]float32{w}), NewOptimizer([][]float32{few})
	for range 3 {
		all.Update([][]float32{w}, [][]float32{g}, 0.1, []float64{0.01})
		some.Update([][]float32{few}, [][]float32{grad}, 0.1, []float64{0.01})
	}
	for i := range w {
		if w[i] != few[i%15] {
			t.Fatalf("weight %d is %v, want %v", i, w[i], few[i%15])
		}
	}
}
