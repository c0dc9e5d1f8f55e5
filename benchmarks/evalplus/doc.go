// Package evalplus writes the result file of evalplus, so that what reads its
// results reads ours: the form of 0.3.1, and that of its main branch, which has
// pass@k beside it; and the two of BigCodeBench, which grew out of evalplus.
//
// Its invariant: equal results give equal bytes. So tasks come in the order they
// are written in, and the date, which evalplus takes from the clock, is fixed
// (see Date).
//
// It imports benchmarks and runtimes/value.
//
// The fields, their order and the names of the files are those of
// evalplus/evaluate.py and bigcodebench/evaluate.py, and the text is what Python's json.dump makes of them.
package evalplus
