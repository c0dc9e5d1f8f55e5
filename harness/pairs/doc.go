// Package pairs makes preference pairs of traces: preferred is the version that
// passed, dispreferred an earlier one of the same trace. Between the two and the
// file stand the paper's filters, each with its count.
//
// Invariant: the files are a function of the traces, the options, the runtime
// and the judge model's answers; nothing of the machine or its clock is in them.
// A batch of traces is in memory at a time, and of all others their names and
// the hashes that tell near-duplicates.
//
// Syntax trees of Python are compared by CPython's own ast, in the guest; those of
// other languages, whose traces come from elsewhere, by tree-sitter.
//
// It imports harness with codeflow, model and guestcall, runtimes, trainer with mask,
// and internal.
//
// # Syntax
//
// It reads programs of languages that have no interpreter in the
// sandbox, with the grammars of tree-sitter.
//
// Invariant: what it says is a function of the programs' bytes and the grammar.
// It never says of programs that they are alike when it could not read both
// whole. Programs are bounded before they are parsed, and a parser that fails
// fails alone.
package pairs
