// Package wasmtime is the engine that runs modules with wasmtime-go, about twice
// as fast as wazero. It needs cgo, a C compiler and Linux, and is built with
// the tag wasmtime only; without that the package is empty.
//
// Invariant: the one of package engine. What wasmtime has of its own, fuel
// above all, stays off: the guests are metered by what is in them. Its stack is
// so large that the meter trips first.
//
// wasmtime-go does what is done once; calls and globals go to wasmtime's C
// interface directly (capi.h), because wasmtime-go has no way to end one guest
// of several and because a call must be given a thread with stack enough.
//
// It may import runtimes, internal/cache, runtimes/engine, runtimes/guest and
// runtimes/instrument.
package wasmtime
