// Package run judges all samples of a suite and leaves a results folder.
//
// A run is a plan (which samples of which problems), a pool of workers that
// takes the longest work first, one log that is only ever appended to, and the
// files that are written from it at the end. The folder:
//
//	log.jsonl          one line for each sample judged, as it is judged
//	candidates/        the programs, each under its sha-256
//	results.jsonl      one record for each sample, tasks in the suite's order, then by index
//	summary.json       pass@k with intervals, counts, hashes, versions, options
//	eval_results.json  the same verdicts in evalplus's form
//
// and the results of other harnesses, where the suite or the samples are theirs
// (package peers).
//
// Invariant: results.jsonl is a function of the suite, the samples, the
// options and the judge's identity. Workers, the order of the work, an
// interruption and a resumed run leave no trace in it. What was judged once is
// in the log and survives the death of the process.
//
// It imports harness, harness/score, benchmarks, runtimes and internal; the judge
// comes in through an interface.
package run
