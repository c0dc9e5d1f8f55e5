// Package extract takes the program out of a model's answer, by a rule with a
// name: as a suite's publisher does, so that scores compare, or as a person would.
//
// Answers are parsed, never run, by Python programs of ours in the sandbox.
//
// Invariant: a program is a function of the answer, the entry point, the prompt,
// the rule and the runtime; an answer costs bounded fuel and memory, and one that
// exceeds them harms no other.
//
// It imports harness/guestcall, runtimes and internal/value.
package extract
