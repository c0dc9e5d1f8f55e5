// Package plugins holds what stands behind assay's small interfaces and could as
// well be another process: model backends, trainers, language runtimes.
//
//	backends  the model backends that are built in
//	contract  what every plugin of a kind must do, built in or not
//	proto     the protocol of each kind, and what protoc makes of it
//	wire      the protocols and the Go interfaces become each other
//	sdk       a Go program becomes a plugin
//	python    Python functions become a plugin
//	host      runs plugins
//	store     keeps those that are installed
//
// Trainers that are built in are below trainer, languages below runtimes. The
// packages here import the interfaces that they satisfy, and readers of files;
// never what calls them. Only contract knows more: it runs what it is shown.
package plugins
