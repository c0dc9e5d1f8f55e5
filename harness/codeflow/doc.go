// Package codeflow has a model solve tasks by debugging: an attempt, its verdict
// in the sandbox, what went wrong as feedback, the next attempt. A trace is the
// way from a task to a program that passes, or to none; package pairs makes
// preference pairs of traces.
//
// Tasks are a suite's problems, judged by the suite's inputs, or written ones,
// for which the model writes the tests too. Those are then looked at: workbench.py
// runs them, on the program and on broken ones, in the sandbox.
//
//	traces.jsonl    one Trace a line, in the order of the tasks
//	stats.json      what came of them, counted
//	requests.jsonl  every request and its answer, as it came (package model)
//
// Invariant: traces and statistics are a function of the tasks, the options, the
// runtime and the answers in the log; how fast, in which order and in how many
// runs the answers came leaves no trace in them. What is held out reaches no
// prompt. A file of traces is read within bounds.
//
// It imports harness and its packages, benchmarks and runtimes.
package codeflow
