package llama

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/assay-dev/assay/trainer/embedded/kernel"
	"github.com/assay-dev/assay/trainer/objective"
)

// Batch is what a graph runs over: sequences of tokens, one behind the other.
type Batch struct {
	IDs     []int32 // of each row
	Targets []int32 // the token that follows, where its log-probability is asked for; else -1
	Ends    []int   // the row behind each sequence

	// What makes a loss of the log-probabilities: for each pair, the rows of its
	// answers' targets, chosen first, and their weights.
	Rows  [][]int
	Terms []objective.Term
}

// Add appends a sequence whose tokens from first on are asked for, and returns
// the rows that have their log-probabilities.
func (b *Batch) Add(ids []int32, first int) []int {
	at := len(b.IDs)
	var rows []int
	for i := range ids {
		target := int32(-1)
		if i+1 < len(ids) && i+1 >= first {
			target = ids[i+1]
			rows = append(rows, at+i)
		}
		b.Targets = append(b.Targets, target)
	}
	b.IDs = append(b.IDs, ids...)
	b.Ends = append(b.Ends, len(b.IDs))
	return rows
}

// take gathers some rows.
func take[F kernel.Float](from []F, rows []int) []float64 {
	out := make([]float64, len(rows))
	for i, r := range rows {
		out[i] = float64(from[r])
	}
	return out
}

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

// Operations by their names in the graph.
func (g *Graph[F]) embed(table *gorgonia.Node) *gorgonia.Node {
	width := table.Shape()[1]
	return g.apply("embed", tensor.Shape{g.capacity, width},
		func(out []F, in [][]F) { kernel.Embed(out, in[0], g.Batch.IDs, width) },
		g.gradients(func(_ gorgonia.Nodes, grad *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{g.apply("embed.table", table.Shape(),
				func(out []F, in [][]F) { kernel.EmbedTable(out, in[0], g.Batch.IDs, width) }, nil, nil, grad)}
		}), []bool{true}, table)
}

func (g *Graph[F]) linear(x, w *gorgonia.Node) *gorgonia.Node {
	if g.err != nil {
		return nil
	}
	to, from := w.Shape()[0], w.Shape()[1]
	return g.apply("linear", tensor.Shape{g.capacity, to},
		func(out []F, in [][]F) { kernel.Linear(out, in[0], in[1], g.rows(), from, to) },
		g.gradients(func(_ gorgonia.Nodes, grad *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{
				g.apply("linear.x", tensor.Shape{g.capacity, from},
					func(out []F, in [][]F) { kernel.LinearX(out, in[0], in[1], g.rows(), from, to) }, nil, nil, grad, w),
				g.apply("linear.w", w.Shape(),
					func(out []F, in [][]F) { kernel.LinearW(out, in[0], in[1], g.rows(), from, to) }, nil, nil, grad, x),
			}
		}), []bool{true, true}, x, w)
}

func (g *Graph[F]) norm(x, w *gorgonia.Node) *gorgonia.Node {
	if g.err != nil {
		return nil
	}
	eps := g.weights.Config.Epsilon
	return g.apply("norm", x.Shape(),
		func(out []F, in [][]F) { kernel.Norm(out, in[0], in[1], g.rows(), eps) },
		g.gradients(func(_ gorgonia.Nodes, grad *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{
				g.apply("norm.x", x.Shape(),
					func(out []F, in [][]F) { kernel.NormX(out, in[0], in[1], in[2], g.rows(), eps) }, nil, nil, grad, x, w),
				g.apply("norm.w", w.Shape(),
					func(out []F, in [][]F) { kernel.NormW(out, in[0], in[1], g.rows(), eps) }, nil, nil, grad, x),
			}
		}), []bool{true, true}, x, w)
}

func (g *Graph[F]) attention(x *gorgonia.Node) *gorgonia.Node {
	return g.apply("attention", tensor.Shape{g.capacity, g.heads.Queries * g.heads.Size},
		func(out []F, in [][]F) { kernel.Attention(g.heads, out, in[0], g.Batch.Ends) },
		g.gradients(func(in gorgonia.Nodes, grad *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{g.apply("attention.x", x.Shape(),
				func(out []F, in [][]F) { kernel.AttentionX(g.heads, out, in[0], in[1], g.Batch.Ends) }, nil, nil, grad, x)}
		}), []bool{true}, x)
}

func (g *Graph[F]) swiglu(x *gorgonia.Node) *gorgonia.Node {
	width := g.weights.Config.Inner
	return g.apply("swiglu", tensor.Shape{g.capacity, width},
		func(out []F, in [][]F) { kernel.SwiGLU(out, in[0], g.rows(), width) },
		g.gradients(func(in gorgonia.Nodes, grad *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{g.apply("swiglu.x", x.Shape(),
				func(out []F, in [][]F) { kernel.SwiGLUX(out, in[0], in[1], g.rows(), width) }, nil, nil, grad, x)}
		}), []bool{true}, x)
}

func (g *Graph[F]) logProb(logits *gorgonia.Node) *gorgonia.Node {
	width := g.weights.Config.Vocabulary
	return g.apply("logprob", tensor.Shape{g.capacity},
		func(out []F, in [][]F) { kernel.LogProb(out, in[0], g.Batch.Targets, width) },
		g.gradients(func(in gorgonia.Nodes, grad *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{g.apply("logprob.x", tensor.Shape{g.capacity, width},
				func(out []F, in [][]F) { kernel.LogProbX(out, in[0], in[1], g.Batch.Targets, width) }, nil, nil, grad, logits)}
		}), []bool{true}, logits)
}

// objective is the loss: the formula of package objective, over the batch's
// pairs.
func (g *Graph[F]) objective() {
	pairs := func(lp []F) [][]float64 {
		out := make([][]float64, len(g.Batch.Rows))
		for b, rows := range g.Batch.Rows {
			out[b] = take(lp, rows)
		}
		return out
	}
	x := g.logProbs
	g.loss = g.apply("objective", nil,
		func(out []F, in [][]F) {
			preference, nll, _ := g.scale.Loss(pairs(in[0]), g.Batch.Terms)
			out[0] = F(g.scale.W*preference + g.scale.Alpha*nll)
		},
		g.gradients(func(in gorgonia.Nodes, grad *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{g.apply("objective.x", tensor.Shape{g.capacity},
				func(out []F, in [][]F) {
					clear(out)
					_, _, by := g.scale.Loss(pairs(in[1]), g.Batch.Terms)
					for b, rows := range g.Batch.Rows {
						for i, r := range rows {
							out[r] += in[0][0] * F(by[b][i])
						}
					}
				}, nil, nil, grad, x)}
		}), []bool{true}, x)
}
