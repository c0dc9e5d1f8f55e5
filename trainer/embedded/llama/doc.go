// Package llama is a decoder-only transformer of Llama's kind: its shape and
// weights, its graph on gorgonia with gradients, its checkpoints (files of
// tensors in Hugging Face's format, safetensors), and generation.
//
// Invariant: it computes what transformers' LlamaForCausalLM computes from the
// same checkpoint. A file is read within bounds, and only if its header says
// where every byte of it belongs; the same tensors give the same bytes. What is
// written is a function of the model, the text, the options and the seed; it is
// UTF-8, and not longer than was asked for.
//
// The graph holds kernels of ours and gorgonia's addition, and nothing else: of
// gorgonia's other operations some are wrong without a word (InverseSqrt,
// SoftMax, LogSoftMax, Slice, tensors as constants), and a test keeps them out.
//
// It imports trainer/objective, trainer/embedded/kernel and internal.
package llama
