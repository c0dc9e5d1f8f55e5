// Package wazero is the engine that runs everywhere: the compiler of
// github.com/tetratelabs/wazero, pure Go.
//
// Invariant: as in package engine. Of wazero it uses the compiler with
// WebAssembly 2.0 and nothing else: no WASI of its own, no exit codes, no
// context that closes modules.
//
// It may import runtimes, runtimes/engine, runtimes/guest, runtimes/instrument
// and internal/cache.
package wazero
