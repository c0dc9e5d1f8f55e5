// Package judge gives the verdict on one sample.
//
// Invariants: a record depends on nothing but what its identity names; the
// expected values and the test code stay out of the instance that runs the
// candidate, except under the oracle unittest; and a fault of ours is retried,
// then said as infra_error, which nothing that a candidate does can bring about.
//
// Four oracles: cases (inputs go in, values come out and are compared here),
// script (test code in an instance of its own, whose calls travel to the
// candidate's), stdio (a fresh instance for each test reads it and prints, and
// the output is compared here), unittest (test code beside the candidate, where
// the benchmark leaves no choice).
//
// What cases compares with is what the canonical solution gave, run in the same
// sandbox, or what the data set says: see Expected.
//
// It imports harness, benchmarks, and of runtimes the words, python's types,
// value and cache. It declares the runtime it needs.
package judge
