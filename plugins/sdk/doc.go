// Package sdk makes a program a plugin of assay: its main is one call.
//
//	func main() { sdk.Serve(backend{}) }          // a model backend
//	func main() { sdk.ServeTrainer(trainer{}) }
//	func main() { sdk.ServeRuntime(language{}) }
//
// Invariant: the plugin ends when its host does, however that ends.
//
// It imports harness/model, trainer, runtimes/language and plugins/wire.
package sdk
