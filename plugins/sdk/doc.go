// Package sdk makes a program a plugin of assay: its main is one call of Serve.
//
//	func main() { sdk.Serve(backend{}) }
//
// Invariant: the plugin ends when its host does, however that ends.
//
// It imports harness/model and plugins/wire.
package sdk
