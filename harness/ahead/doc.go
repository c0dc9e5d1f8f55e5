// Package ahead judges samples while a model still writes others, so that the
// run that follows finds their verdicts in the judge's memory.
//
// Invariant: it decides nothing and writes no result. What it judged, and
// whether it ran at all, leaves no trace but time saved; a fault that it meets
// is met, and told, by the run that follows.
//
// It imports harness, harness/extract, harness/guestcall and benchmarks.
package ahead
