package llama

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/assay-dev/assay/trainer/embedded/kernel"
)

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
