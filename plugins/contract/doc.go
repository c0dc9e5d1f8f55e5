// Package contract is what every model backend must do, built in or plugin, as
// checks that run against one.
//
// Invariant: a check that fails names what the backend did and what was wanted;
// a backend that keeps the contract passes, whatever its answers are.
//
// It imports harness/model.
package contract
