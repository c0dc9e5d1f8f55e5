// Package golang is the language Go: the Go toolchain of the machine compiles for
// WebAssembly, and links what belongs to a program.
//
// Invariant: of a source nothing runs here. The compiler and the linker are the
// only programs started, without go build around them: no module is fetched, no
// generator or C compiler called, no file read but the source and the standard
// library. Equal sources and toolchains give equal modules.
//
// It imports plugins/sdk/language and internal/child.
package golang
