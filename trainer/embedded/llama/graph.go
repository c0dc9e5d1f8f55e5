package llama

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/assay-dev/assay/trainer/embedded/kernel"
	"github.com/assay-dev/assay/trainer/objective"
)

// Graph computes a model's log-probabilities over a batch, and with a loss its
// gradients.
type Graph[F kernel.Float] struct {
	Batch Batch // what the next run is over

	weights  *Weights[F]
	heads    *kernel.Heads
	scale    objective.Scale
	capacity int
	nodes    []*gorgonia.Node // of the parameters
	logits   *gorgonia.Node
	logProbs *gorgonia.Node
	loss     *gorgonia.Node
	grads    gorgonia.Nodes
	machine  gorgonia.VM
	graph    *gorgonia.ExprGraph
	err      error
}

// Forward is a graph without a loss, for batches of up to capacity rows.
func Forward[F kernel.Float](w *Weights[F], capacity int) (*Graph[F], error) {
	g := build(w, capacity)
	return g.finish()
}

// Training is a graph with the loss of the objective's formula, its constants as
// given.
func Training[F kernel.Float](w *Weights[F], capacity int, scale objective.Scale) (*Graph[F], error) {
	g := build(w, capacity)
	g.scale = scale
	g.objective()
	if g.err == nil {
		g.grads, g.err = gorgonia.Grad(g.loss, g.nodes...)
	}
	return g.finish()
}

func (g *Graph[F]) finish() (*Graph[F], error) {
	if g.err != nil {
		return nil, g.err
	}
	g.machine = gorgonia.NewTapeMachine(g.graph)
	return g, nil
}

// Close frees the machine.
func (g *Graph[F]) Close() error { return g.machine.Close() }

// Run computes the batch, with the weights as they are now.
func (g *Graph[F]) Run() error {
	if rows := len(g.Batch.IDs); rows == 0 || rows > g.capacity {
		return fmt.Errorf("a batch of %d rows: the graph takes 1 to %d", rows, g.capacity)
	}
	g.machine.Reset()
	return g.machine.RunAll()
}

// LogProbs are those of each row's target, and 0 where it has none.
func (g *Graph[F]) LogProbs() []F { return data[F](g.logProbs)[:len(g.Batch.IDs)] }

// Logits are those of each row.
func (g *Graph[F]) Logits() []F {
	return data[F](g.logits)[:len(g.Batch.IDs)*g.weights.Config.Vocabulary]
}

// Loss is the objective of the batch.
func (g *Graph[F]) Loss() F { return g.loss.Value().Data().(F) }

// Gradient is the loss's by each parameter's weights.
func (g *Graph[F]) Gradient(parameter int) []F { return data[F](g.grads[parameter]) }

func data[F kernel.Float](n *gorgonia.Node) []F { return n.Value().Data().([]F) }

func build[F kernel.Float](w *Weights[F], capacity int) *Graph[F] {
	c := w.Config
	g := &Graph[F]{weights: w, capacity: capacity, graph: gorgonia.NewGraph(), heads: kernel.NewHeads(c.Heads, c.SharedHeads, c.HeadSize, min(capacity, c.Positions), c.RotaryParams.Theta)}
	for i, p := range w.Parameters {
		shape := tensor.Shape{p.Rows, p.Cols}
		if p.Vector {
			shape = tensor.Shape{p.Cols}
		}
		value := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(w.Data[i]))
		g.nodes = append(g.nodes, gorgonia.NewTensor(g.graph, number[F](), len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(p.Parts[0].Name), gorgonia.WithValue(value)))
	}
	x := g.embed(g.nodes[embedding])
	for l := range c.Layers {
		at := func(which int) *gorgonia.Node { return g.nodes[c.layer(l, which)] }
		y := g.attention(g.linear(g.norm(x, at(attentionNorm)), at(qkv)))
		x = g.add(x, g.linear(y, at(attentionOut)))
		y = g.swiglu(g.linear(g.norm(x, at(innerNorm)), at(gateUp)))
		x = g.add(x, g.linear(y, at(down)))
	}
	g.logits = g.linear(g.norm(x, g.nodes[c.lastNorm()]), g.nodes[c.head()])
	g.logProbs = g.logProb(g.logits)
	return g
}

// apply is apply, unless something was wrong before.
func (g *Graph[F]) apply(name string, shape tensor.Shape, run func(out []F, in [][]F), back func(gorgonia.Nodes, *gorgonia.Node) (gorgonia.Nodes, error), wrt []bool, inputs ...*gorgonia.Node) *gorgonia.Node {
	if g.err != nil {
		return nil
	}
	var n *gorgonia.Node
	n, g.err = apply(name, shape, run, back, wrt, inputs...)
	return n
}

// gradients makes a back of what puts gradients into the graph.
func (g *Graph[F]) gradients(make func(in gorgonia.Nodes, grad *gorgonia.Node) gorgonia.Nodes) func(gorgonia.Nodes, *gorgonia.Node) (gorgonia.Nodes, error) {
	return func(in gorgonia.Nodes, grad *gorgonia.Node) (gorgonia.Nodes, error) {
		out := make(in, grad)
		return out, g.err
	}
}

// add is gorgonia's own.
func (g *Graph[F]) add(x, y *gorgonia.Node) *gorgonia.Node {
	if g.err != nil {
		return nil
	}
	var sum *gorgonia.Node
	sum, g.err = gorgonia.Add(x, y)
	return sum
}

func (g *Graph[F]) rows() int { return len(g.Batch.IDs) }
