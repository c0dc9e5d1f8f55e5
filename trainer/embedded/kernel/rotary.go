package kernel

import "math"

// Heads is the shape of attention. A row of queries, keys and values has the
// queries of all heads, then the keys and then the values of the Shared heads.
type Heads struct {
	Queries, Shared, Size int // heads of queries; of keys and values; width of each, even

	cos, sin []float64 // by position and half of the width
}

// NewHeads makes the tables of the rotary positions 0 to positions − 1.
func NewHeads(queries, shared, size, positions int, theta float64) *Heads {
	h := &Heads{Queries: queries, Shared: shared, Size: size}
	half := size / 2
	h.cos, h.sin = make([]float64, positions*half), make([]float64, positions*half)
	for p := range positions {
		for j := range half {
			angle := float64(p) * math.Pow(theta, -2*float64(j)/float64(size))
			h.cos[p*half+j], h.sin[p*half+j] = math.Cos(angle), math.Sin(angle)
		}
	}
	return h
}

// Width is that of a row of queries, keys and values.
func (h *Heads) Width() int { return (h.Queries + 2*h.Shared) * h.Size }

// rotate turns x by its position, as Llama in transformers does: the halves of a
// head are a vector's two parts. back turns it the other way, with scale.
func rotate[F Float](h *Heads, to, x []F, position int, scale float64, back bool) {
	half := h.Size / 2
	cos, sin := h.cos[position*half:][:half], h.sin[position*half:][:half]
	for j := range half {
		c, s := F(cos[j]*scale), F(sin[j]*scale)
		if back {
			s = -s
		}
		a, b := x[j], x[j+half]
		to[j], to[j+half] = a*c-b*s, b*c+a*s
	}
}
