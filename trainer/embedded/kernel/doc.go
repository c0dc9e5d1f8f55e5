// Package kernel holds the arithmetic of a transformer of Llama's kind, forward
// and backward (embedding, RMSNorm, attention with rotary positions, SwiGLU,
// linear maps, the log-probability of targets), and of its training: AdamW as
// torch has it, and the schedules of the learning rate as transformers has them.
//
// Rows of a batch are tokens; sequences stand one after the other, without
// padding between them. Matrices are multiplied in float32 by vector
// instructions where the processor has them, and in float64 plainly, for proofs.
//
// Invariant: what comes out for a sequence has the same bits whatever else is in
// the batch and however many processors work, because an element of a product is
// one chain of sums from 0 up, and work is divided into the same parts on any
// number of processors. The same gradients in the same order give the same
// weights. Kernels may differ in rounding (one has fused multiply-adds, another
// not), so the promise holds on one kind of processor. Each gradient is held to
// central differences in float64.
//
// It imports nothing of assay.
package kernel
