package kernel

import (
	"math"
)

// normPart is how many rows sum up their part of a norm's gradient by w.
const normPart = 64

// Norm sets each row of y to x's row over its root mean square, times w.
func Norm[F Float](y, x, w []F, rows int, eps float64) {
	n := len(w)
	Parts(rows, normPart, func(from, to int) {
		for r := from; r < to; r++ {
			in, out := x[r*n:][:n], y[r*n:][:n]
			scale := rootMeanSquare(in, eps)
			for j, v := range in {
				out[j] = v * scale * w[j]
			}
		}
	})
}

// rootMeanSquare is one over it.
func rootMeanSquare[F Float](x []F, eps float64) F {
	var sum F
	for _, v := range x {
		sum += v * v
	}
	return F(1 / math.Sqrt(float64(sum)/float64(len(x))+eps))
}

// NormX is Norm's gradient by x.
func NormX[F Float](dx, dy, x, w []F, rows int, eps float64) {
	n := len(w)
	Parts(rows, normPart, func(from, to int) {
		for r := from; r < to; r++ {
			in, d, out := x[r*n:][:n], dy[r*n:][:n], dx[r*n:][:n]
			scale := rootMeanSquare(in, eps)
			var dot F
			for j, v := range in {
				dot += d[j] * w[j] * v
			}
			back := dot * scale * scale / F(n)
			for j, v := range in {
				out[j] = scale * (d[j]*w[j] - v*back)
			}
		}
	})
}

// NormW is Norm's gradient by w.
func NormW[F Float](dw, dy, x []F, rows int, eps float64) {
	n := len(dw)
	parts := make([]F, (rows+normPart-1)/normPart*n)
	Parts(rows, normPart, func(from, to int) {
		sum := parts[from/normPart*n:][:n]
		for r := from; r < to; r++ {
			in, d := x[r*n:][:n], dy[r*n:][:n]
			scale := rootMeanSquare(in, eps)
			for j, v := range in {
				sum[j] += d[j] * v * scale
			}
		}
	})
	clear(dw)
	for at := 0; at < len(parts); at += n {
		for j, v := range parts[at:][:n] {
			dw[j] += v
		}
	}
}
