// Package confine puts walls of the operating system around the calling process
// (Raise) and around programs that it starts (Command): limits on their
// resources, no new privileges, no files but those that are named (Landlock), and
// no system calls but those that they need (seccomp).
//
// Invariants: nothing is reached but what was opened before or is named; a wall
// that can't be had is said, and never a failure; walls don't come down again; a
// program ends with who started it, and so does what it started.
//
// It imports nothing of ours but internal.
package confine
