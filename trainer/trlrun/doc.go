// Package trlrun trains a run directory with the PyTorch trainer: a program in
// a Python of its own, started, followed and stopped here.
//
// Its invariant: the trainer's word alone never makes a run finished. It is when
// the trainer ended well and left a result; all else is an error that says what
// was kept and how to go on. What the trainer says is bounded before it is kept
// or passed on, and who ends it ends what it started.
//
// It imports trainer, benchmarks/jsonl and plugins/child.
package trlrun
