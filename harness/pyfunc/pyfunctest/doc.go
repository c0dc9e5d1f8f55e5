// Package pyfunctest stands in for Python in tests of what calls a function of
// ours by pyfunc.
//
// Invariant: it keeps the runtime's side of the contract: results in the order of
// the inputs, an end at the first call that fails.
//
// It may import runtimes and all below it.
package pyfunctest
