// Package command is the backend that runs a program for each request, which
// reads a prompt on its standard input and writes a completion on its standard
// output: as text, or both as JSON.
//
// Invariant: what a program writes is bounded; when its time is over, it and
// what it started are gone.
//
// It imports harness/model and internal/child.
package command
