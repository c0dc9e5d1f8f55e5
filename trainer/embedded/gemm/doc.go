// Package gemm multiplies matrices: in float32 by vector instructions where the
// processor has them, in float64 plainly, for proofs.
//
// Its invariant: an element of a product is one chain of sums over k, from 0 up,
// whatever the other elements are, how many there are and how many processors
// work. So the same rows have the same bits in a batch of any size, and a run
// has them on any number of processors. Kernels may differ in rounding (one has
// fused multiply-adds, another not), so the promise holds on one kind of
// processor.
//
// It imports trainer/embedded/parallel.
package gemm
