// Package codeflow keeps what came of a model that debugs: an attempt, its
// verdict in the sandbox, what went wrong as feedback, the next attempt. A trace
// is the way from a task to a program that passes, or to none; package pairs
// makes preference pairs of traces.
//
// Invariant: reading a file of traces costs bounded memory, and what is no trace
// of a version that is known is refused with its file and line.
//
// It imports harness and its packages, benchmarks, runtimes and runtimes/python.
package codeflow
