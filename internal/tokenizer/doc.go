// Package tokenizer counts the tokens of a text, and says which they are and where
// they stand: by a tokenizer.json as Hugging Face's tokenizers write it, of the byte-level BPE family (Qwen, DeepSeek,
// StarCoder, Llama 3, GPT-2, SmolLM), or as a share of its bytes.
//
// Invariant: a tokenizer counts what the tokenizers library counts, without the
// tokens that a template adds; a file that says something else than is known
// here is refused, never read roughly.
//
// It imports nothing of ours.
//
// # Vocabularies
//
// It is the tokens of a model: those of its tokenizer.json, or a
// small byte-level BPE that is learned from a corpus; without merges, its tokens
// are the bytes.
//
// Its invariant: every text has tokens, and they stand for all of its bytes. The
// same corpus gives the same file, and Hugging Face's library reads it.
package tokenizer
