// Package vocabulary is the tokens of a model: those of its tokenizer.json, or a
// small byte-level BPE that is learned from a corpus; without merges, its tokens
// are the bytes.
//
// Its invariant: every text has tokens, and they stand for all of its bytes. The
// same corpus gives the same file, and Hugging Face's library reads it.
//
// It imports internal/tokenizer.
package vocabulary
