package kernel

import (
	"runtime"
)

// Float is what matrices are made of.
type Float interface{ float32 | float64 }

// Matrix is a matrix of rows, row after row, Stride elements apart; or, with
// Flip, the transpose of one.
type Matrix[F Float] struct {
	Data   []F
	Stride int
	Flip   bool
}

// Rows is the matrix of rows of n elements.
func Rows[F Float](data []F, n int) Matrix[F] { return Matrix[F]{Data: data, Stride: n} }

// T is the transpose.
func (m Matrix[F]) T() Matrix[F] { m.Flip = !m.Flip; return m }

// Multiply sets c, of m rows and n columns, to a·b, where a has k columns. With
// add, a·b is added to what c holds. It uses all processors.
func Multiply[F Float](c Matrix[F], a, b Matrix[F], m, n, k int, add bool) {
	multiply(c, a, b, m, n, k, add, runtime.GOMAXPROCS(0))
}

// Alone is Multiply on the caller's processor.
func Alone[F Float](c Matrix[F], a, b Matrix[F], m, n, k int, add bool) {
	multiply(c, a, b, m, n, k, add, 1)
}

func multiply[F Float](c, a, b Matrix[F], m, n, k int, add bool, workers int) {
	if m == 0 || n == 0 {
		return
	}
	if single, ok := any(c).(Matrix[float32]); ok && fast != nil && k > 0 {
		fast.multiply(single, any(a).(Matrix[float32]), any(b).(Matrix[float32]), m, n, k, add, workers)
		return
	}
	plain(c, a, b, m, n, k, add, workers)
}

// plain needs no processor's help.
func plain[F Float](c, a, b Matrix[F], m, n, k int, add bool, workers int) {
	if b.Flip { // rows of b are read along n
		flat := make([]F, k*n)
		for j := range n {
			for p, x := range b.Data[j*b.Stride : j*b.Stride+k] {
				flat[p*n+j] = x
			}
		}
		b = Rows(flat, n)
	}
	di, dp := a.Stride, 1
	if a.Flip {
		di, dp = 1, a.Stride
	}
	On(workers, m, 8, func(from, to int) {
		for i := from; i < to; i++ {
			row := c.Data[i*c.Stride : i*c.Stride+n]
			if !add {
				clear(row)
			}
			for p := range k {
				x := a.Data[i*di+p*dp]
				for j, y := range b.Data[p*b.Stride : p*b.Stride+n] {
					row[j] += x * y
				}
			}
		}
	})
}
