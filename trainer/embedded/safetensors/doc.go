// Package safetensors reads and writes files of tensors in Hugging Face's format:
// a length, a header of JSON, and the numbers.
//
// Its invariant: a file is read within bounds and only if its header says where
// every byte of it belongs; the same tensors give the same bytes.
//
// It imports nothing of ours.
package safetensors
