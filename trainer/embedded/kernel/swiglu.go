package kernel

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
