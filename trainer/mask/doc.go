// Package mask says which part of a program a pair's loss looks at: from two
// texts to spans of bytes, and from spans to tokens.
//
// Its invariant: a mask is a function of the two texts, the kind of mask, the
// seed and the pair's id, and of nothing else. Spans are half-open ranges of
// UTF-8 bytes, sorted, apart from each other and never empty; token ids are
// unknown here, a tokenizer is known by its offsets only.
//
// It imports nothing of ours.
package mask
