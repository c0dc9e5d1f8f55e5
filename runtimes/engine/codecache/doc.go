// Package codecache keeps the code that an engine has compiled for one module in
// one file of the cache, beside a label that says what the file must be.
//
// Invariant: nothing of a file runs before all of it was verified, and before
// that no more of it is trusted than its checked ends. A box that is damaged,
// strange or made by another version is a miss. Processes may share a box: one
// fills it while the others wait.
//
// It may import internal/cache, runtimes/engine and runtimes/instrument.
package codecache
