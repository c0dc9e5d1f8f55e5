package kernel

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
