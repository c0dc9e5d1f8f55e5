// Package guestcall calls a Python function of ours in the sandbox, on many
// arguments that come from outside: texts to be parsed, never run.
//
// Invariant: a result is a function of the function, its arguments and the
// runtime; each call costs bounded fuel and memory, and one that exceeds them
// harms no other.
//
// It imports runtimes and internal/value.
package guestcall
