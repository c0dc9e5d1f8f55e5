package kernel

import (
	"math"
)

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
				out := Matrix[F]{Data: y[(s.from+at)*h.Queries*h.Size+head*h.Size:], Stride: h.Queries * h.Size}
				Alone(out, Rows(p, s.rows), s.v, n, h.Size, at+n, false)
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
				d := Matrix[F]{Data: dy[(s.from+at)*wide+head*h.Size:], Stride: wide}
				Alone(Rows(ds, s.rows), d, s.v.T(), n, at+n, h.Size, false)
				Alone(Rows(dv, h.Size), Rows(p, s.rows).T(), d, at+n, h.Size, n, true)
				for i := range n {
					softmaxX(ds[i*s.rows:][:at+n], p[i*s.rows:])
				}
				Alone(Rows(dq[at*h.Size:], h.Size), Rows(ds, s.rows), Rows(s.k, h.Size), n, h.Size, at+n, false)
				Alone(Rows(dk, h.Size), Rows(ds, s.rows).T(), Rows(s.q[at*h.Size:], h.Size), at+n, h.Size, n, true)
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
	v                  Matrix[F]
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
	s.v = Matrix[F]{Data: qkv[s.from*h.Width()+(h.Queries+h.Shared+s.shared)*h.Size:], Stride: h.Width()}
}

func (s *sequence[F]) query(h *Heads, qkv []F, head int) {
	for i := range s.rows {
		rotate(h, s.q[i*h.Size:], s.row(h, qkv, i, head), i, h.scale(), false)
	}
}

// weights are what the queries from at on, n of them, give to each row.
func (s *sequence[F]) weights(h *Heads, at int) (p []F, n int) {
	n = min(attend, s.rows-at)
	Alone(Rows(s.p, s.rows), Rows(s.q[at*h.Size:], h.Size), Rows(s.k, h.Size).T(), n, at+n, h.Size, false)
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
