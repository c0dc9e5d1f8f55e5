// Package wasi runs WASI preview 1 commands: raw modules that export _start,
// as compilers for C, Rust, Go and many others write them.
//
// Invariant: a module has nothing but the guest's world, under the same meters
// as every guest; what came of it is told by host facts alone, and is the same
// on every run and every engine. A module that is malformed, over the bounds, or
// asks for what is not there is refused by Compile, in bounded time and memory,
// before an engine sees it.
//
// It may import every other package below runtimes but a language's.
package wasi
