// Package plugins holds what stands behind assay's small interfaces and could as
// well be another process: model backends, so far.
//
// Its packages import the interfaces that they satisfy, and readers of files;
// never what calls them.
package plugins
