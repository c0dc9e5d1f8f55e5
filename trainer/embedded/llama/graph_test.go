package llama

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/assay-dev/assay/trainer/objective"
)

// TestOperations: the graph holds kernels of ours, gorgonia's addition, the
// weights and the loss's own gradient, 1. Of what else gorgonia has, some is
// wrong without a word.
func TestOperations(t *testing.T) {
	c, err := Small(20, 0, 2, 8, 2, 16)
	if err != nil {
		t.Fatal(err)
	}
	for _, tied := range []bool{true, false} {
		c.Tied = tied
		g, err := Training(New[float32](c, 1), 16, objective.Scale{W: 1, Beta: 1, Alpha: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		ours := 0
		for _, n := range g.graph.AllNodes() {
			op := n.Op()
			if op == nil { // a weight
				continue
			}
			if _, ok := op.(*operation[float32]); ok {
				ours++
				continue
			}
			switch name := fmt.Sprintf("%T %v", op, op); name {
			case "gorgonia.elemBinOp + false", "gorgonia.constantScalar const 1":
			default:
				t.Errorf("the graph holds %q", name)
			}
		}
		if ours < 40 {
			t.Errorf("the graph holds %d operations of ours", ours)
		}
	}
}

// example is a batch of two sequences as a bar of the speed asks for: 4 layers,
// width 128, 256 tokens a sequence, 1,024 a step.
func example(b *testing.B) (*Weights[float32], Batch) {
	c, err := Small(257, 256, 4, 128, 4, 256)
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	var batch Batch
	for range 4 {
		ids := make([]int32, 256)
		for i := range ids {
			ids[i] = rng.Int32N(256)
		}
		rows := batch.Add(ids, 1)
		s := make([]float64, len(rows))
		for i := range s {
			s[i] = 1 / float64(4*len(rows))
		}
		batch.Rows = append(batch.Rows, rows)
		batch.Terms = append(batch.Terms, objective.Term{M: make([]float64, len(rows)), S: s})
	}
	return New[float32](c, 1), batch
}

func BenchmarkStep(b *testing.B) {
	w, batch := example(b)
	g, err := Training(w, len(batch.IDs), objective.Scale{Alpha: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	for b.Loop() {
		g.Batch = batch
		if err := g.Run(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(batch.IDs))/b.Elapsed().Seconds(), "tokens/s")
}

// TestMemory holds the estimate to what the operations of the graphs hold, and the
// weights with sum and moments.
func TestMemory(t *testing.T) {
	for _, tied := range []bool{true, false} {
		c, err := Small(300, 0, 3, 64, 4, 128)
		if err != nil {
			t.Fatal(err)
		}
		c.Tied, c.SharedHeads = tied, 2
		const rows = 128
		w := New[float32](c, 1)
		training, err := Training(w, rows, objective.Scale{W: 1, Beta: 1, Alpha: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer training.Close()
		forward, err := Forward(w, rows)
		if err != nil {
			t.Fatal(err)
		}
		defer forward.Close()
		numbers := 4 * c.Count() // gradients are operations'
		for _, g := range []*Graph[float32]{training, forward} {
			for _, n := range g.graph.AllNodes() {
				switch op := n.Op().(type) {
				case nil: // a weight
				case *operation[float32]:
					numbers += len(op.data)
				default: // a sum
					numbers += n.Shape().TotalSize()
				}
			}
		}
		got, want := float64(c.Memory(rows)), float64(numberSize*numbers)
		if got < 0.95*want || got > 1.1*want {
			t.Errorf("tied %v: estimated %v, it is %v", tied, got, want)
		}
	}
}
