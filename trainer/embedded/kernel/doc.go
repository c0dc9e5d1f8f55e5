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
package kernel
