// Package extract takes the program out of a model's answer, as evalplus does:
// the longest stretch that is Python, and of that the imports and what the entry
// point reaches.
//
// Answers are parsed, never run, by a Python program of ours in the sandbox. For
// problems that are told in words, the program is what stands between fences, as
// lcb_runner has it.
//
// Invariant: a program is a function of the answer, the entry point and the
// runtime; an answer costs bounded fuel and memory, and one that exceeds them
// harms no other.
//
// It imports harness/guestcall, runtimes and internal/value.
package extract
