// Package judge gives the verdict on one sample.
//
// Invariants: a record depends on nothing but what its identity names; the
// expected values and the test code stay out of the instance that runs the
// candidate, except under the oracle unittest; and a fault of ours is said as
// infra_error, which nothing that a candidate does can bring about. (The Runner
// has tried again by then.)
//
// An oracle is one file: it makes jobs of a problem and a candidate, and reads what
// comes of them. cases sends inputs in and compares the values that come out;
// script runs test code in an instance of its own, whose calls travel to the
// candidate's; stdio has a fresh instance read each test and print, and compares
// the output; unittest and shared run test code beside the candidate, where the
// benchmark leaves no choice, and once more by the same tests turned around.
//
// The way of a candidate: Judge.Judge and try (judge.go), the oracle's groups
// (cases.go, script.go, …), carry (judge.go), the Runner.
//
// What cases compares with is what the canonical solution gave, run in the same
// sandbox, or what the data set says: see Expected.
//
// It imports harness, benchmarks, and of runtimes the words, value and cache.
package judge
