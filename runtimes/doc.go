// Package runtimes holds the words that every language runtime shares: the
// limits a guest runs under and the outcome that came back.
//
// Invariant: an Outcome is a function of the bytes that went in and of the
// limits, never of the machine, its load or its clock. A fault of ours is
// never an Outcome: it is a Go error beside it.
//
// It imports nothing of ours.
package runtimes
