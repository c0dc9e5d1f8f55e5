// Package knownfailures knows of a suite which problems' own canonical solutions pass
// in this sandbox, and why the others don't: a table for each suite of which not
// all do, made by running them, with the data set and the runtime that it holds
// for.
//
// Its invariant: a table says nothing of another data set or another runtime.
//
// It imports harness, benchmarks and runtimes.
package knownfailures
