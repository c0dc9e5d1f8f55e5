// Package guest is the world that a guest sees: WASI preview 1 over a []byte,
// the same for every engine. Files are in memory (package memfs), the clock
// runs on fuel, random bytes come from a seed, output is captured and capped.
//
// Invariant: what a guest sees is a function of its Config, of what it did and
// of the fuel it used. Nothing of the host is visible; this package does not
// use package os. Every call is charged, before it has an effect, by the table
// in functions.go; every pointer and length is checked against the memory as a
// 64-bit number. Whatever words a guest passes, a call returns an error number,
// *Exit or *Halt, or it is a fault of ours.
//
// It imports package runtimes and its own memfs.
package guest
