// Package generate has a model write samples for a suite: prompts as the peers
// build them, the program taken out of each answer, the answers kept beside.
//
//	samples.jsonl           task_id, sample, solution: what eval reads
//	samples.raw.jsonl       the same rows with the whole answers
//	samples.requests.jsonl  every request and its answer, as it came (package model)
//
// Invariant: both files of samples are a function of the suite, the options and
// the answers in the log, in the order of the suite, then by index; how fast,
// in which order and in how many runs the answers came leaves no trace. They
// are written whole or not at all.
//
// It imports benchmarks, harness/model, harness/model, harness/extract,
// internal/atomicfile, and harness/run for the selection of tasks.
package generate
