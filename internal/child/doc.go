// Package child is what the processes that we start have in common: a group of
// their own, a bounded end of what they say, and no secret of ours in it.
//
// Invariant: whoever ends a child ends what the child started. What a Redactor
// returns is one line of valid UTF-8 within its bound, and holds no secret that
// it was told of.
//
// It imports nothing of assay.
package child
