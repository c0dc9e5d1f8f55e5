// Package harness holds the words of judging: verdicts, records, and the order
// of tasks.
//
// Invariant: a record is a function of the candidate, the problem and the
// versions and limits that its identity names; nothing of the machine, its load
// or its clock is in it.
//
// It imports runtimes for the outcomes' names, and internal.
package harness
