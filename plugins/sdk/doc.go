// Package sdk makes a program a plugin of assay: its main is one call.
//
//	func main() { sdk.Serve(backend{}) }          // a model backend
//	func main() { sdk.ServeTrainer(trainer{}) }   // a trainer
//	func main() { sdk.ServeRuntime(language{}) }  // a language
//
// What each of them has to do is in the packages model, trainer and language. The
// folder examples has whole plugins, each a module of its own.
//
// The SDK is a module of its own too: a plugin depends on it, go-plugin, gRPC,
// protocol buffers and the standard library, and on nothing else of assay.
//
// Invariant: the plugin ends when its host does, however that ends.
//
// It imports the packages below it.
package sdk
