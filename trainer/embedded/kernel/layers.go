package kernel

import (
	"math"
	"unsafe"
)

// Embed sets y's rows to the rows of table that ids name.
func Embed[F Float](y, table []F, ids []int32, width int) {
	for i, id := range ids {
		copy(y[i*width:(i+1)*width], table[int(id)*width:])
	}
}

// EmbedTable is Embed's gradient by table.
func EmbedTable[F Float](dtable, dy []F, ids []int32, width int) {
	clear(dtable)
	for i, id := range ids {
		row := dtable[int(id)*width:][:width]
		for j, d := range dy[i*width:][:width] {
			row[j] += d
		}
	}
}

// Float is what numbers are: float32 to train, float64 for proofs.

// Linear sets y, rows of out, to x·wᵀ, where w has a row of in for each of out.
func Linear[F Float](y, x, w []F, rows, in, out int) {
	Multiply(Rows(y, out), Rows(x, in), Rows(w, in).T(), rows, out, in, false)
}

// LinearX is Linear's gradient by x.
func LinearX[F Float](dx, dy, w []F, rows, in, out int) {
	Multiply(Rows(dx, in), Rows(dy, out), Rows(w, in), rows, in, out, false)
}

// LinearW is Linear's gradient by w.
func LinearW[F Float](dw, dy, x []F, rows, in, out int) {
	Multiply(Rows(dw, in), Rows(dy, out).T(), Rows(x, in), out, in, rows, false)
}

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

// SwiGLU sets y, rows of width, to silu(gate)·up; x's rows hold the gate and then
// up.
func SwiGLU[F Float](y, x []F, rows, width int) {
	Parts(rows, 16, func(from, to int) {
		for r := from; r < to; r++ {
			gate, up, out := x[2*r*width:][:width], x[(2*r+1)*width:][:width], y[r*width:][:width]
			for j, g := range gate {
				out[j] = g / (1 + exp(-g)) * up[j]
			}
		}
	})
}

// SwiGLUX is SwiGLU's gradient by x.
func SwiGLUX[F Float](dx, dy, x []F, rows, width int) {
	Parts(rows, 16, func(from, to int) {
		for r := from; r < to; r++ {
			gate, up, d := x[2*r*width:][:width], x[(2*r+1)*width:][:width], dy[r*width:][:width]
			dgate, dup := dx[2*r*width:][:width], dx[(2*r+1)*width:][:width]
			for j, g := range gate {
				s := 1 / (1 + exp(-g))
				dup[j] = d[j] * g * s
				dgate[j] = d[j] * up[j] * s * (1 + g*(1-s))
			}
		}
	})
}

// LogProb sets y to the log-probability of each row's target under the softmax of
// its logits; 0 where the target is below 0.
func LogProb[F Float](y, logits []F, targets []int32, width int) {
	Parts(len(targets), 16, func(from, to int) {
		for r := from; r < to; r++ {
			y[r] = 0
			if t := targets[r]; t >= 0 {
				row := logits[r*width:][:width]
				y[r] = row[t] - logSum(row)
			}
		}
	})
}

// logSum is log Σ eˣ.
func logSum[F Float](x []F) F {
	most := x[0]
	for _, v := range x {
		most = max(most, v)
	}
	var sum F
	for _, v := range x {
		sum += exp(v - most)
	}
	return most + F(math.Log(float64(sum)))
}

// LogProbX is LogProb's gradient by the logits.
func LogProbX[F Float](dx, dy, logits []F, targets []int32, width int) {
	Parts(len(targets), 16, func(from, to int) {
		for r := from; r < to; r++ {
			out := dx[r*width:][:width]
			t, d := targets[r], dy[r]
			if t < 0 || d == 0 {
				clear(out)
				continue
			}
			row := logits[r*width:][:width]
			log := logSum(row)
			for j, v := range row {
				out[j] = -d * exp(v-log)
			}
			out[t] += d
		}
	})
}

// exp is eˣ. In float32 it is a polynomial, four times as fast as math.Exp and
// right to two units in the last place; below −87 it is 0.
func exp[F Float](x F) F {
	if unsafe.Sizeof(x) == 4 { // known when it is compiled
		return F(exp32(float32(x)))
	}
	return F(math.Exp(float64(x)))
}

func exp32(x float32) float32 {
	switch {
	case x >= -87 && x <= 88:
		return within(x)
	case x > 88:
		return float32(math.Inf(1))
	case x < -87:
		return 0
	}
	return x // not a number
}

// within is exp32 from −87 to 88. It is small enough to be put into loops.
func within(x float32) float32 {
	const (
		log2e  = 1.4426950408889634
		ln2    = 0.693359375 // exact with few bits
		ln2Low = -2.12194440e-4
	)
	n := int32(x*log2e+128.5) - 128 // rounds, for what is cut is above 0
	f := float32(n)
	r := x - f*ln2 - f*ln2Low
	p := ((((1.9875691500e-4*r+1.3981999507e-3)*r+8.3334519073e-3)*r+4.1665795894e-2)*r+1.6666665459e-1)*r + 5.0000001201e-1
	return (p*r*r + r + 1) * math.Float32frombits(uint32(n+127)<<23)
}

// expSum sets x to eˣ⁻ᵐᵒˢᵗ, where most is the largest of x, and returns the sum.
func expSum[F Float](x []F, most F) F {
	if unsafe.Sizeof(most) != 4 {
		var sum F
		for j, v := range x {
			x[j] = exp(v - most)
			sum += x[j]
		}
		return sum
	}
	var sum float32
	for j, v := range x {
		v := float32(v - most)
		if v >= -87 {
			v = within(v)
		} else {
			v = exp32(v)
		}
		x[j] = F(v)
		sum += v
	}
	return F(sum)
}
