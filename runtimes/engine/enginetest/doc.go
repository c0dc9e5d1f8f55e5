// Package enginetest holds a small guest, metered by hand, for the tests of
// engines and snapshots: they must not depend on the rewriter being right.
//
// It may import runtimes/guest and runtimes/instrument.
package enginetest
