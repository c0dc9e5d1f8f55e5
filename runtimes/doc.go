// Package runtimes holds the words that cross between whoever asks and the
// sandbox: a Job goes in, results and an Outcome come out, by a Runner. It has
// their one encoding too.
//
// Invariant: an Outcome is a function of the job, never of the machine, its load or
// its clock. A fault of ours is never an Outcome: it is a Go error beside it.
//
// It imports plugins/sdk/language, for what a compiled language is.
package runtimes
