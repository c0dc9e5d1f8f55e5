// Package registry chooses an engine by name, among those that are built in.
//
// Invariant: which engine was chosen shows in speed and nowhere else.
//
// It may import internal/cache, runtimes/engine and the engines.
package registry
