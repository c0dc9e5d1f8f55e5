// Package worker runs a language runtime in a process of its own: one warm
// child, with as many programs at once as were asked for.
//
// The border is the runtime: sources and inputs go in, values and outcomes come
// out. Expected values, verdicts, the log and every file stay with the parent.
//
// Invariants: outcomes are those of the runtime called directly, byte for byte;
// the end of the child is a fault of ours for what was running and for nothing
// else; what the child says is bounded before it is read and checked before it
// is used, so that a child that is not itself any more can fail its programs
// and no more.
//
// It may import runtimes, runtimes/python for the words, and runtimes/confine.
package worker
