// Package atomicfile writes files and folders that appear whole or not at all,
// locks that keep other processes from writing the same, and folders for temporary
// files.
//
// Invariant: at every moment, the moment of a kill or a power cut too, a path
// holds all of what it held before or all of what is new. When Commit, Write,
// Rename or Folder returns, the new is on the disk. Two writers at once don't
// disturb each other: the last one wins. What a killed process leaves half made is
// removed by the next one that writes there, and what a living one makes is not.
//
// It imports nothing of assay.
package atomicfile
