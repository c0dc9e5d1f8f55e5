// Package language says what a language is whose programs are compiled to
// WebAssembly: something that makes modules of sources, and reads their ends.
//
// Invariant: a language never runs what it compiles, and never decides whether a
// program ran within its limits: it gives a module and arguments, and the host
// instruments, bounds and runs them. What can't be made a failure by the host
// can't be made a success by a language.
//
// Languages that are built in and those that are plugins satisfy the same
// interface. It imports package runtimes.
package language
