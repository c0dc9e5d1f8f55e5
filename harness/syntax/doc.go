// Package syntax reads programs of languages that have no interpreter in the
// sandbox, with the grammars of tree-sitter.
//
// Invariant: what it says is a function of the programs' bytes and the grammar.
// It never says of programs that they are alike when it could not read both
// whole. Programs are bounded before they are parsed, and a parser that fails
// fails alone.
//
// It imports nothing of ours.
package syntax
