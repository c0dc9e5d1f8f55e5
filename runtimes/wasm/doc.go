// Package wasm reads and writes WebAssembly modules: sections, types,
// instructions. It knows WebAssembly 2.0 with SIMD and exceptions, and the
// names of what lies beyond, so that a refusal can say what it refuses.
//
// Invariant: nothing that comes from a module is trusted. Every count is held
// against Bounds and against the bytes that are there before anything is
// allocated; a malformed or invalid module is an *Error that names the
// function and the offset, never a panic. What Decode and Validator accept is
// valid by the specification. There is no policy here: what to do with a valid
// module is the caller's business.
//
// It imports nothing of ours.
package wasm
