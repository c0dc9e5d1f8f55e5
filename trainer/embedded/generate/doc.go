// Package generate has a small model write: greedily or by chance, with a cache
// of what it has read.
//
// Its invariant: what is written is a function of the model, the text, the
// options and the seed; it is UTF-8, and not longer than was asked for.
//
// It imports llama and vocabulary.
package generate
