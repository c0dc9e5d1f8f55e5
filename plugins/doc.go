// Package plugins holds what stands behind assay's small interfaces and could as
// well be another process: model backends, so far.
//
//	backends  the model backends that are built in
//	contract  what every backend must do, built in or plugin
//	proto     the protocol, and what protoc makes of it
//	wire      the protocol and the Go interfaces become each other
//	sdk       a Go program becomes a plugin
//	python    a Python function becomes a plugin
//	host      runs plugins
//	store     keeps those that are installed
//
// Its packages import the interfaces that they satisfy, and readers of files;
// never what calls them.
package plugins
