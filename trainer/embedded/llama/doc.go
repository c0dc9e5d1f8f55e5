// Package llama is a decoder-only transformer of Llama's kind: its shape and
// weights, its graph on gorgonia with gradients, its checkpoints, and generation.
//
// Its invariant: it computes what transformers' LlamaForCausalLM computes from the
// same checkpoint. The graph holds kernels of ours and gorgonia's addition, and
// nothing else: of gorgonia's other operations some are wrong without a word
// (InverseSqrt, SoftMax, LogSoftMax, Slice, tensors as constants), and a test
// keeps them out.
//
// It imports trainer/objective, kernel and safetensors.
package llama
