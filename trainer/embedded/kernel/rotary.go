package kernel

import "math"

// Heads is the shape of attention. A row of queries, keys and values has the
// queries of all heads, then the keys and then the values of the Shared heads.
type Heads struct {
	Queries, Shared, Size int // heads of queries; of keys and values; width of each, even

	double table[float64]
	single table[float32]
}

// table holds cosines and sines by position and half of the width.
type table[F Float] struct{ cos, sin []F }

func (t *table[F]) add(angle float64) {
	t.cos, t.sin = append(t.cos, F(math.Cos(angle))), append(t.sin, F(math.Sin(angle)))
}

// tableOf is that of the numbers that are turned.
func tableOf[F Float](h *Heads) *table[F] {
	if t, ok := any(&h.single).(*table[F]); ok {
		return t
	}
	return any(&h.double).(*table[F])
}

// NewHeads makes the tables of the rotary positions 0 to positions − 1.
func NewHeads(queries, shared, size, positions int, theta float64) *Heads {
	h := &Heads{Queries: queries, Shared: shared, Size: size}
	for p := range positions {
		for j := range size / 2 {
			angle := float64(p) * math.Pow(theta, -2*float64(j)/float64(size))
			h.double.add(angle)
			h.single.add(angle)
		}
	}
	return h
}

// Width is that of a row of queries, keys and values.
func (h *Heads) Width() int { return (h.Queries + 2*h.Shared) * h.Size }

// rotate turns x by its position, as Llama in transformers does: the halves of a
// head are a vector's two parts. back turns it the other way, with scale.
func rotate[F Float](h *Heads, to, x []F, position int, scale float64, back bool) {
	half, t := h.Size/2, tableOf[F](h)
	cos, sin := t.cos[position*half:][:half], t.sin[position*half:][:half]
	sign := F(1)
	if back {
		sign = -1
	}
	first, second := x[:half], x[half:][:half]
	for j, c := range cos {
		s := sin[j] * sign
		a, b := first[j]*F(scale), second[j]*F(scale)
		to[j], to[j+half] = a*c-b*s, b*c+a*s
	}
}
