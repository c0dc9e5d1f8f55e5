// Package efficiency says how much fuel programs that pass use, relative to the
// canonical solution: efficiency without a clock, the same on every machine.
//
// For each task the inputs are taken on which the canonical solution uses the
// most fuel, and each program runs on each of them in a fresh instance. A
// sample's ratio is its fuel over the canonical solution's, both summed over
// these inputs. Where the canonical solution uses less than LeastFuel there, the
// calls themselves cost more than what is computed, and the task is left out.
//
//	ratio       geometric mean over tasks of the geometric mean over their samples
//	efficiency  mean over tasks of the mean over their samples of min(1, 1/ratio)
//
// Both are over samples that passed: they say nothing about how many did. They
// follow EvalPerf's idea (Liu et al., "Evaluating Language Models for Efficient
// Code Generation", COLM 2024) of measuring where there is something to compute;
// its own score places a sample among reference solutions by their speed, of
// which there are none here but the canonical one. That one is not the best
// program: an efficiency of 1 means "as good as", not "optimal".
//
// Invariant: a measurement is a function of the programs, the problem and the
// runtime.
//
// It imports harness, harness/score and judge for the words, benchmarks and
// internal.
package efficiency
