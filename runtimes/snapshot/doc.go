// Package snapshot starts guests from an image of one that has booted: its
// linear memory, its globals and what the host holds for it.
//
// Invariant: an instance that a Pool hands out can't be told from a new one
// restored from the image, however its last guest ended. On Linux the memory is
// a private, copy-on-write mapping of the image; elsewhere it is a plain copy,
// with the same results.
//
// It may import runtimes, runtimes/engine, runtimes/guest, runtimes/instrument
// and internal/cache.
package snapshot
