// Package pip has the user's own pip download wheels, so that the indexes,
// mirrors and proxies that are set up for pip hold here too, and reads what is
// in them.
//
// Invariant: what it returns has the checksums that were asked for. Nothing of a
// wheel is installed or run, no wheel brings another, and no archive is unpacked
// beyond what it was said to have.
//
// It imports internal/child.
package pip
