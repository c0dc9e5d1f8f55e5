// Package confine puts walls of the operating system around the calling process:
// limits on its resources, no new privileges, no files (Landlock), and no
// system calls but those of a program that computes (seccomp).
//
// Invariants: what was opened before stays usable, and nothing else can be
// opened, written, connected to or started; a wall that can't be had is said,
// and never a failure; walls don't come down again.
//
// It imports nothing of ours.
package confine
