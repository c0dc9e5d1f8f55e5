// Package plugins opens what is built in or a plugin, by its name: model backends,
// trainers, languages. It also keeps the plugins that a user has installed, each in
// a folder of its own beside a lock file that has the checksum of every file and
// what was granted.
//
//	plugins   names, and what is installed
//	backends  the model backends that are built in
//	contract  what every plugin of a kind must do, built in or not
//	host      runs plugins
//	sdk       a Go program becomes a plugin; the kinds' interfaces and protocols
//	python    Python functions become a plugin
//
// Invariant: what starts is, byte for byte, what was installed; a plugin is
// granted what its manifest asks for and the user said yes to, and nothing else.
//
// It imports plugins/host and plugins/sdk. Trainers that are built in are below
// trainer, languages below runtimes; only contract knows more of assay than the
// interfaces, because it runs what it is shown.
package plugins
