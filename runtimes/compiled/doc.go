// Package compiled joins a language and the sandbox: sources become modules, and
// modules run as WASI commands.
//
// Invariant: what a language gives is a module that nobody trusts, checked and
// bounded before an engine sees it. Only the sandbox says that a program ended
// well or met a limit; the language names what else happened, and can't take a
// failure back. A fault of the language's is a Go error, never an outcome.
//
// It may import every other package below runtimes but a language's own.
package compiled
