// Package child is what processes that we start have in common: a group of their
// own, and an end of what they say that is kept.
//
// Invariant: whoever ends a child ends what the child started.
//
// It imports nothing of assay.
package child
