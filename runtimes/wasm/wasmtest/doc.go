// Package wasmtest makes modules for tests: sections by method calls, code in
// the text format's words, or all of it in the text format (Wat). With the tag
// wasmtime, it has wasmtime as an oracle too.
//
// Invariant: it writes what it is told, valid or not; wrong words panic, since
// they are mistakes of the test. It imports runtimes/wasm.
package wasmtest
