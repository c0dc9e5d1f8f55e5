// Package tokenizer counts the tokens of a text, and says which they are and where
// they stand: by a tokenizer.json as Hugging Face's tokenizers write it, of the byte-level BPE family (Qwen, DeepSeek,
// StarCoder, Llama 3, GPT-2, SmolLM), or as a share of its bytes.
//
// Invariant: a tokenizer counts what the tokenizers library counts, without the
// tokens that a template adds; a file that says something else than is known
// here is refused, never read roughly.
//
// It imports nothing of ours.
package tokenizer
