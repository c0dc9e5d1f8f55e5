// Package kernel holds the arithmetic of a transformer of Llama's kind, forward
// and backward: embedding, RMSNorm, attention with rotary positions, SwiGLU,
// linear maps and the log-probability of targets.
//
// Rows of a batch are tokens; sequences stand one after the other, without
// padding between them.
//
// Its invariant: what comes out for a sequence has the same bits whatever else is
// in the batch and however many processors work. Each gradient is held to central
// differences in float64.
//
// It imports gemm and parallel.
//
// # AdamW
//
// It is the optimizer: AdamW with decoupled decay as torch has it, the
// clipping of gradients, and the schedules of the learning rate as transformers
// has them.
//
// Its invariant: the same gradients in the same order give the same weights, bit
// for bit; in float64 they are torch's.
//
// # Products of matrices
//
// It multiplies matrices: in float32 by vector instructions where the
// processor has them, in float64 plainly, for proofs.
//
// Its invariant: an element of a product is one chain of sums over k, from 0 up,
// whatever the other elements are, how many there are and how many processors
// work. So the same rows have the same bits in a batch of any size, and a run
// has them on any number of processors. Kernels may differ in rounding (one has
// fused multiply-adds, another not), so the promise holds on one kind of
// processor.
package kernel
