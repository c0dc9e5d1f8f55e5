// Package memfs is the file system of a guest: an immutable tree of files that
// any number of guests share, under a layer of their own that is copied on
// write.
//
// Invariant: nothing outside the tree can be named. Every name is resolved by
// this package from a directory of the tree; links lead back into it, nothing
// is ever handed to the host's file system. Inode numbers, time stamps and the
// order of a directory are functions of what was done, and what a guest adds
// is bounded by Limits before memory is taken.
//
// Errors that a guest sees are Errno, numbered as WASI preview 1 numbers them.
// ErrLimit says that a limit was reached; any other error is a fault of ours.
//
// It imports nothing of ours.
package memfs
