package llama

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/assay-dev/assay/trainer/embedded/kernel"

	"github.com/assay-dev/assay/trainer/objective"
)

// fixture is what torch worked out in float64 (testdata/fixture.py).
type fixture struct {
	Method      string
	Beta, Alpha float64
	Config      json.RawMessage
	Pairs       []struct {
		Prompt           []int32
		Chosen, Rejected fixtureAnswer
	}
	Loss               float64
	Logits             []float64
	Weights, Gradients map[string][]float64
	Trajectory         []float64 // losses over some steps of AdamW
}

type fixtureAnswer struct {
	IDs       []int32
	Mask      []int
	Reference []float64
}

func fixtures(t *testing.T) []fixture {
	text, err := os.ReadFile("testdata/fixture.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []fixture
	if err := json.Unmarshal(text, &all); err != nil || len(all) < 2 {
		t.Fatal(len(all), err)
	}
	return all
}

func fixtureWeights[F kernel.Float](t *testing.T, f fixture) *Weights[F] {
	c, err := parseConfig(f.Config)
	if err != nil {
		t.Fatal(err)
	}
	w := empty[F](c)
	for i, p := range w.Parameters {
		p.each(func(name string, from, to int) {
			if len(f.Weights[name]) != to-from {
				t.Fatalf("%s has %d weights, want %d", name, len(f.Weights[name]), to-from)
			}
			for j, x := range f.Weights[name] {
				w.Data[i][from+j] = F(x)
			}
		})
	}
	return w
}

func (f fixture) objective(t *testing.T) objective.Objective {
	m, err := objective.MethodNamed(f.Method)
	if err != nil {
		t.Fatal(err)
	}
	return objective.Objective{Method: m, Beta: f.Beta, Alpha: f.Alpha, Norm: objective.PerBatch}
}

// batch is the fixture's, and its pairs without the policy.
func (f fixture) batch(o objective.Objective) (Batch, []objective.Pair) {
	var b Batch
	var pairs []objective.Pair
	for _, p := range f.Pairs {
		var pair objective.Pair
		var rows []int
		for _, side := range []struct {
			fixtureAnswer
			to *objective.Answer
		}{{p.Chosen, &pair.Chosen}, {p.Rejected, &pair.Rejected}} {
			rows = append(rows, b.Add(append(append([]int32{}, p.Prompt...), side.IDs...), len(p.Prompt))...)
			side.to.Reference = side.Reference
			for _, m := range side.Mask {
				side.to.Mask = append(side.to.Mask, m == 1)
			}
		}
		b.Rows = append(b.Rows, rows)
		pairs = append(pairs, pair)
	}
	b.Terms = o.Terms(pairs)
	return b, pairs
}

// TestFixture: loss, logits and every gradient are torch's.
func TestFixture(t *testing.T) {
	t.Run("float64", func(t *testing.T) { testFixture[float64](t, 1e-9, 1e-9) })
	t.Run("float32", func(t *testing.T) { testFixture[float32](t, 1e-5, 1e-4) })
}

func testFixture[F kernel.Float](t *testing.T, lossBound, gradientBound float64) {
	for _, f := range fixtures(t) {
		t.Run(f.Method, func(t *testing.T) {
			o := f.objective(t)
			w := fixtureWeights[F](t, f)
			b, _ := f.batch(o)
			g, err := Training(w, len(b.IDs)+5, o.Method.Scale(o.Beta, o.Alpha)) // not full
			if err != nil {
				t.Fatal(err)
			}
			defer g.Close()
			for range 2 { // the second run is over used memory
				g.Batch = b
				if err := g.Run(); err != nil {
					t.Fatal(err)
				}
				if d := math.Abs(float64(g.Loss()) - f.Loss); !(d <= lossBound) {
					t.Errorf("the loss is %v, torch's %v", g.Loss(), f.Loss)
				}
				for i, want := range f.Logits {
					if d := math.Abs(float64(g.Logits()[i]) - want); !(d <= gradientBound) {
						t.Fatalf("logit %d is %v, torch's %v", i, g.Logits()[i], want)
					}
				}
				for i, p := range w.Parameters {
					p.each(func(name string, from, to int) {
						if len(f.Gradients[name]) != to-from {
							t.Fatalf("%s has %d gradients, want %d", name, len(f.Gradients[name]), to-from)
						}
						for j, want := range f.Gradients[name] {
							if d := math.Abs(float64(g.Gradient(i)[from+j]) - want); !(d <= gradientBound) {
								t.Fatalf("%s, element %d: gradient %v, torch's %v", name, j, g.Gradient(i)[from+j], want)
							}
						}
					})
				}
			}
		})
	}
}

// TestTrajectory: several steps of AdamW go where torch's go.
func TestTrajectory(t *testing.T) {
	for _, f := range fixtures(t) {
		o := f.objective(t)
		w := fixtureWeights[float64](t, f)
		b, _ := f.batch(o)
		g, err := Training(w, len(b.IDs), o.Method.Scale(o.Beta, o.Alpha))
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		g.Batch = b
		optimizer := kernel.NewOptimizer(w.Data)
		var decay []float64
		for _, p := range w.Parameters {
			if p.Vector {
				decay = append(decay, 0)
			} else {
				decay = append(decay, 0.1)
			}
		}
		for step, want := range f.Trajectory {
			if err := g.Run(); err != nil {
				t.Fatal(err)
			}
			if d := math.Abs(g.Loss() - want); !(d <= 1e-8) {
				t.Fatalf("%s, step %d: the loss is %v, torch's %v", f.Method, step, g.Loss(), want)
			}
			var gradients [][]float64
			for i := range w.Parameters {
				gradients = append(gradients, g.Gradient(i))
			}
			kernel.Clip(gradients, kernel.GradientNorm(gradients), 1)
			optimizer.Update(w.Data, gradients, 0.01, decay)
		}
	}
}

// Loss is the objective of the batch.
func (g *Graph[F]) Loss() F { return g.loss.Value().Data().(F) }
