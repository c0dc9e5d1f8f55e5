// Package contracttest has a trainer and a language for tests: they keep their
// contracts, or break them in the one way that a test asks for.
//
// It imports trainer, runtimes/language and runtimes/wasm/wasmtest; only tests
// import it.
package contracttest
