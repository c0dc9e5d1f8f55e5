// Package adamw is the optimizer: AdamW with decoupled decay as torch has it, the
// clipping of gradients, and the schedules of the learning rate as transformers
// has them.
//
// Its invariant: the same gradients in the same order give the same weights, bit
// for bit; in float64 they are torch's.
//
// It imports parallel and kernel.
package adamw
