// Package wasmtimetest gives tests wasmtime as an oracle: with the proposal on
// exceptions, which wasmtime-go has in its library but no way to switch on.
// Built with the tag wasmtime only.
//
// It imports nothing of ours.
package wasmtimetest
