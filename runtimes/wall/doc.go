// Package wall puts walls of the operating system around a process.
//
// Invariant: a wall that can't be had is said, and never a failure.
//
// It imports nothing of ours.
package wall
