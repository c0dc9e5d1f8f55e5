// Package atomicfile writes files that appear whole or not at all, and reads
// documents of JSON back within bounds.
//
// Invariant: until Commit the path holds what it held before; after it, all of
// the new file, on the disk.
//
// It imports nothing of ours.
package atomicfile
