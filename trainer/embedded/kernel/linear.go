package kernel

import "github.com/assay-dev/assay/trainer/embedded/gemm"

// Float is what numbers are: float32 to train, float64 for proofs.
type Float = gemm.Float

// Linear sets y, rows of out, to x·wᵀ, where w has a row of in for each of out.
func Linear[F Float](y, x, w []F, rows, in, out int) {
	gemm.Multiply(gemm.Rows(y, out), gemm.Rows(x, in), gemm.Rows(w, in).T(), rows, out, in, false)
}

// LinearX is Linear's gradient by x.
func LinearX[F Float](dx, dy, w []F, rows, in, out int) {
	gemm.Multiply(gemm.Rows(dx, in), gemm.Rows(dy, out), gemm.Rows(w, in), rows, in, out, false)
}

// LinearW is Linear's gradient by w.
func LinearW[F Float](dw, dy, x []F, rows, in, out int) {
	gemm.Multiply(gemm.Rows(dw, in), gemm.Rows(dy, out).T(), gemm.Rows(x, in), out, in, rows, false)
}
