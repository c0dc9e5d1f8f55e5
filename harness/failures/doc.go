// Package failures says why samples failed: it groups records by what went wrong
// and where, in one run or between two, as the paper counts error types before
// and after training.
//
// Invariant: a cause is a function of the record alone, and every number has the
// tasks behind it. A fault of ours (infra_error) has no cause of theirs: it is
// counted beside them.
//
// It imports harness.
package failures
