// Package enginetest is what every engine is tested with: a small guest,
// metered by hand because tests of engines and snapshots must not depend on the
// rewriter being right, and Conform, the promises that all engines keep.
//
// It may import runtimes/guest, runtimes/instrument, runtimes/engine and
// internal/cache.
package enginetest
