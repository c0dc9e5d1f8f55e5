// Package cache keeps what is dear to make: compiled code, memory images,
// data sets, verdicts.
//
// Invariant: what Get returns is, byte for byte, what Put was given. Entries
// carry their length and a checksum; a damaged one is removed, reported and
// made anew. The folder may be cleared, or shared with other processes, at any
// time, and nothing is ever lost with it but time.
//
// It imports nothing of ours.
package cache
