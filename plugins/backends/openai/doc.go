// Package openai is the backend for servers that speak OpenAI's protocol:
// vLLM, SGLang, llama.cpp, Ollama, TGI, OpenAI's own. A chat goes to
// chat/completions, a prompt to completions.
//
// Invariant: an answer is what the server wrote, or an error; half of one is
// never taken for the whole.
//
// It imports harness/model and the package remote.
package openai
