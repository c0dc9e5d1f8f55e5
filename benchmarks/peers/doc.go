// Package peers reads and writes the files of other harnesses: samples in the
// forms that they keep them in, and verdicts in the forms that they report them
// in, so that what reads their results reads ours.
//
// A peer is one file here and one line in the table of peers.go.
//
// Its invariants: a sample that is read is the program that the peer would have
// run, to the byte; and equal verdicts are written as equal bytes, so tasks come
// in the suite's order, and the date, which evalplus takes from the clock, is
// fixed (see date).
//
// It imports benchmarks and internal. It knows no record of the harness:
// who writes hands in plain rows (Run).
//
// The names of fields and files, their order and their text are those of the
// peers' own code: evalplus 0.3.1 and its main branch (evalplus/evaluate.py),
// BigCodeBench (bigcodebench/evaluate.py), LiveCodeBench (lcb_runner/runner,
// lcb_runner/evaluation), lm-evaluation-harness 0.4.13 and
// bigcode-evaluation-harness.
package peers
