package llama

import "github.com/assay-dev/assay/trainer/embedded/kernel"

// Decoder computes a model's logits token by token. It only reads the weights,
// and is safe for concurrent use.
type Decoder[F kernel.Float] struct {
	weights *Weights[F]
	heads   *kernel.Heads
}

// newDecoder is a decoder of the model.
func newDecoder[F kernel.Float](w *Weights[F]) *Decoder[F] {
	c := w.Config
	return &Decoder[F]{w, kernel.NewHeads(c.Heads, c.SharedHeads, c.HeadSize, c.Positions, c.RotaryParams.Theta)}
}

// Text is a text that a decoder goes on with: what attention needs of its tokens.
type Text[F kernel.Float] struct{ layers []kernel.Cache[F] }

// Tokens is how many tokens it has.
func (t *Text[F]) Tokens() int {
	if len(t.layers) == 0 {
		return 0
	}
	return t.layers[0].Rows
}

// Fork is a text that begins as t.
func (t *Text[F]) Fork() *Text[F] {
	out := &Text[F]{}
	for _, c := range t.layers {
		out.layers = append(out.layers, c.Fork())
	}
	return out
}

// Feed goes on with each text by its tokens, at least one, and returns the
// logits behind the last one of each. A text has at most the model's positions.
func (d *Decoder[F]) Feed(texts []*Text[F], tokens [][]int32) [][]F {
	c, w := d.weights.Config, d.weights
	var ids []int32
	for i, t := range texts {
		if t.layers == nil {
			t.layers = make([]kernel.Cache[F], c.Layers)
		}
		ids = append(ids, tokens[i]...)
	}
	n := len(ids)
	x, y := make([]F, n*c.Width), make([]F, n*c.Width)
	attended, inner := make([]F, n*c.Heads*c.HeadSize), make([]F, n*c.Inner)
	wide := make([]F, n*max(d.heads.Width(), 2*c.Inner))
	kernel.Embed(x, w.Data[embedding], ids, c.Width)
	for l := range c.Layers {
		at := func(which int) []F { return w.Data[c.layer(l, which)] }
		kernel.Norm(y, x, at(attentionNorm), n, c.Epsilon)
		kernel.Linear(wide, y, at(qkv), n, c.Width, d.heads.Width())
		from := 0
		for i, t := range texts {
			rows := len(tokens[i])
			kernel.Continue(d.heads, &t.layers[l], attended[from*c.Heads*c.HeadSize:], wide[from*d.heads.Width():], rows)
			from += rows
		}
		kernel.Linear(y, attended, at(attentionOut), n, c.Heads*c.HeadSize, c.Width)
		add(x, y)
		kernel.Norm(y, x, at(innerNorm), n, c.Epsilon)
		kernel.Linear(wide, y, at(gateUp), n, c.Width, 2*c.Inner)
		kernel.SwiGLU(inner, wide, n, c.Inner)
		kernel.Linear(y, inner, at(down), n, c.Inner, c.Width)
		add(x, y)
	}
	last := y[:0]
	from := 0
	for _, t := range tokens {
		from += len(t)
		last = append(last, x[(from-1)*c.Width:from*c.Width]...)
	}
	kernel.Norm(x, last, w.Data[c.lastNorm()], len(texts), c.Epsilon)
	logits := make([]F, len(texts)*c.Vocabulary)
	kernel.Linear(logits, x, w.Data[c.head()], len(texts), c.Width, c.Vocabulary)
	out := make([][]F, len(texts))
	for i := range texts {
		out[i] = logits[i*c.Vocabulary:][:c.Vocabulary]
	}
	return out
}

func add[F kernel.Float](x, y []F) {
	for i, v := range y {
		x[i] += v
	}
}
