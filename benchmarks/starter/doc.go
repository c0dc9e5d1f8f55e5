// Package starter carries two dozen problems of assay's own, in the shape of
// HumanEval+, with samples right and wrong: for the first minute, for the
// documentation and for the tests of other packages.
//
// Its invariant: every canonical solution holds its contract on every input and
// passes its own test, every sample gets in a plain Python the verdict that
// verdicts.jsonl has for it, and no problem is taken from a published set.
//
// It imports nothing of assay.
package starter
