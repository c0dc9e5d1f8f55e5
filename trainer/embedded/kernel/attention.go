package kernel

import (
	"math"
)

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

// attend is how many queries are worked on together. Beyond their own keys they
// see none, so a sequence takes half of what its square would.
const attend = 64

// Attention sets y to what each row sees: of its own sequence, itself and the
// rows before. ends are the rows behind each sequence.
func Attention[F Float](h *Heads, y, qkv []F, ends []int) {
	each(h, ends, func(s *sequence[F]) {
		s.load(h, qkv)
		for g := range h.Queries / h.Shared {
			head := s.shared*(h.Queries/h.Shared) + g
			s.query(h, qkv, head)
			for at := 0; at < s.rows; at += attend {
				p, n := s.weights(h, at)
				out := matrix[F]{Data: y[(s.from+at)*h.Queries*h.Size+head*h.Size:], Stride: h.Queries * h.Size}
				alone(out, Rows(p, s.rows), s.v, n, h.Size, at+n, false)
			}
		}
	})
}

// AttentionX is Attention's gradient by qkv.
func AttentionX[F Float](h *Heads, dqkv, dy, qkv []F, ends []int) {
	wide := h.Queries * h.Size
	each(h, ends, func(s *sequence[F]) {
		s.load(h, qkv)
		n := s.rows * h.Size
		dq, dk, dv := make([]F, n), make([]F, n), make([]F, n)
		ds := make([]F, min(attend, s.rows)*s.rows)
		for g := range h.Queries / h.Shared {
			head := s.shared*(h.Queries/h.Shared) + g
			s.query(h, qkv, head)
			for at := 0; at < s.rows; at += attend {
				p, n := s.weights(h, at)
				d := matrix[F]{Data: dy[(s.from+at)*wide+head*h.Size:], Stride: wide}
				alone(Rows(ds, s.rows), d, s.v.T(), n, at+n, h.Size, false)
				alone(Rows(dv, h.Size), Rows(p, s.rows).T(), d, at+n, h.Size, n, true)
				for i := range n {
					softmaxX(ds[i*s.rows:][:at+n], p[i*s.rows:])
				}
				alone(Rows(dq[at*h.Size:], h.Size), Rows(ds, s.rows), Rows(s.k, h.Size), n, h.Size, at+n, false)
				alone(Rows(dk, h.Size), Rows(ds, s.rows).T(), Rows(s.q[at*h.Size:], h.Size), at+n, h.Size, n, true)
			}
			for i := range s.rows {
				rotate(h, s.row(h, dqkv, i, head), dq[i*h.Size:], i, h.scale(), true)
			}
		}
		for i := range s.rows {
			rotate(h, s.row(h, dqkv, i, h.Queries+s.shared), dk[i*h.Size:], i, 1, true)
			copy(s.row(h, dqkv, i, h.Queries+h.Shared+s.shared), dv[i*h.Size:][:h.Size])
		}
	})
}

func (h *Heads) scale() float64 { return 1 / math.Sqrt(float64(h.Size)) }

// softmaxX makes the gradient by a row's scores out of that by its weights.
func softmaxX[F Float](d, p []F) {
	var dot F
	for j, v := range d {
		dot += v * p[j]
	}
	for j, v := range d {
		d[j] = p[j] * (v - dot)
	}
}

// sequence is one sequence under one head of keys and values.
type sequence[F Float] struct {
	from, rows, shared int
	q, k, p            []F // queries and keys, turned; weights of some queries
	v                  matrix[F]
}

// each works off the sequences under each head of keys and values.
func each[F Float](h *Heads, ends []int, do func(*sequence[F])) {
	Parts(len(ends)*h.Shared, 1, func(i, _ int) {
		from, to := 0, ends[i/h.Shared]
		if i >= h.Shared {
			from = ends[i/h.Shared-1]
		}
		do(&sequence[F]{from: from, rows: to - from, shared: i % h.Shared})
	})
}

// row is a head's part of a row of queries, keys and values.
func (s *sequence[F]) row(h *Heads, qkv []F, i, head int) []F {
	return qkv[(s.from+i)*h.Width()+head*h.Size:][:h.Size]
}

func (s *sequence[F]) load(h *Heads, qkv []F) {
	s.q, s.k = make([]F, s.rows*h.Size), make([]F, s.rows*h.Size)
	s.p = make([]F, min(attend, s.rows)*s.rows)
	for i := range s.rows {
		rotate(h, s.k[i*h.Size:], s.row(h, qkv, i, h.Queries+s.shared), i, 1, false)
	}
	s.v = matrix[F]{Data: qkv[s.from*h.Width()+(h.Queries+h.Shared+s.shared)*h.Size:], Stride: h.Width()}
}

func (s *sequence[F]) query(h *Heads, qkv []F, head int) {
	for i := range s.rows {
		rotate(h, s.q[i*h.Size:], s.row(h, qkv, i, head), i, h.scale(), false)
	}
}

// weights are what the queries from at on, n of them, give to each row.
func (s *sequence[F]) weights(h *Heads, at int) (p []F, n int) {
	n = min(attend, s.rows-at)
	alone(Rows(s.p, s.rows), Rows(s.q[at*h.Size:], h.Size), Rows(s.k, h.Size).T(), n, at+n, h.Size, false)
	for i := range n {
		row := s.p[i*s.rows:][:at+n]
		softmax(row[:at+i+1])
		clear(row[at+i+1:])
	}
	return s.p, n
}

func softmax[F Float](x []F) {
	most := x[0]
	for _, v := range x {
		most = max(most, v)
	}
	scale := 1 / expSum(x, most)
	for j := range x {
		x[j] *= scale
	}
}

// Cache holds the turned keys and the values of a sequence's rows so far.
type Cache[F Float] struct {
	Rows         int
	keys, values []F
}

// Continue is Attention for the next rows of a sequence, whose queries, keys and
// values are qkv. It adds them to the cache.
func Continue[F Float](h *Heads, c *Cache[F], y, qkv []F, rows int) {
	from, wide := c.Rows, h.Shared*h.Size
	for i := range rows {
		row := qkv[i*h.Width():][:h.Width()]
		c.keys = append(c.keys, row[h.Queries*h.Size:][:wide]...)
		c.values = append(c.values, row[h.Queries*h.Size+wide:][:wide]...)
		for s := range h.Shared {
			key := c.keys[(from+i)*wide+s*h.Size:][:h.Size]
			rotate(h, key, key, from+i, 1, false)
		}
	}
	c.Rows += rows
	q, p := make([]F, rows*h.Queries*h.Size), make([]F, h.Queries*min(attend, rows)*c.Rows)
	Parts(h.Queries, 1, func(head, _ int) {
		s := head / (h.Queries / h.Shared)
		k := matrix[F]{Data: c.keys[s*h.Size:], Stride: wide}
		v := matrix[F]{Data: c.values[s*h.Size:], Stride: wide}
		q, p := q[head*rows*h.Size:][:rows*h.Size], p[head*min(attend, rows)*c.Rows:]
		for i := range rows {
			rotate(h, q[i*h.Size:], qkv[i*h.Width()+head*h.Size:], from+i, h.scale(), false)
		}
		for at := 0; at < rows; at += attend {
			n := min(attend, rows-at)
			seen := from + at + n
			alone(Rows(p, seen), Rows(q[at*h.Size:], h.Size), k.T(), n, seen, h.Size, false)
			for i := range n {
				row := p[i*seen:][:seen]
				softmax(row[:from+at+i+1])
				clear(row[from+at+i+1:])
			}
			out := matrix[F]{Data: y[at*h.Queries*h.Size+head*h.Size:], Stride: h.Queries * h.Size}
			alone(out, Rows(p, seen), v, n, h.Size, seen, false)
		}
	})
}

// Fork is a cache that begins as c.
func (c *Cache[F]) Fork() Cache[F] {
	return Cache[F]{c.Rows, append([]F{}, c.keys...), append([]F{}, c.values...)}
}
