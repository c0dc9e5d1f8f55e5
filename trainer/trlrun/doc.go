// Package trlrun is the PyTorch trainer: a program in a Python of its own,
// started, followed and stopped here.
//
// Invariant: what the program says is bounded before it is kept or passed
// on, and who ends it ends what it started.
//
// It imports trainer and internal/child.
package trlrun
