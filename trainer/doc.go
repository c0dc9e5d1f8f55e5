// Package trainer holds what every trainer works on: preference pairs with the
// spans of bytes that differ, and the choices that turn them into the rows of a
// run; and what a trainer is, whoever it is.
//
// Invariant: text and spans cross the border to a trainer, never token ids,
// and all that needs a decision about a pair (its mask, its half of a hybrid,
// what becomes of an empty D⁻) is decided here, once, from the pair's own bytes
// and id. A trainer only maps spans to its tokens.
//
// It imports internal/jsonl, and below itself mask and objective.
package trainer
