// Package backends opens the model backends that are built in, by name.
//
// Invariant: a key is read from the environment, is sent to the server that it
// is for, and stands in no error, no log and no identity.
//
// It imports the backends below it and harness/model.
//
// # Servers
//
// It is what backends over HTTP share: a client that bounds what it
// reads, the address of a server, and the meaning of its failures.
//
// Invariant: a failure is an *model.Error that names the way out and has no key
// in it.
//
// # OpenAI's protocol
//
// It is the backend for servers that speak OpenAI's protocol:
// vLLM, SGLang, llama.cpp, Ollama, TGI, OpenAI's own. A chat goes to
// chat/completions, a prompt to completions.
//
// Invariant: an answer is what the server wrote, or an error; half of one is
// never taken for the whole.
//
// # Recorded answers
//
// It is the backend that answers from a file: from the request log
// of an earlier run, by the whole request, or from rows of samples, by task and
// index. So a whole run repeats without a model.
//
// Invariant: what the file does not have is refused, and never made up.
//
// # A model of ours
//
// It is the backend for small models that the embedded trainer
// made: they write in this process.
//
// Invariant: the same model and request give the same texts, alone or among
// others; a text that the model can't go on with is refused, and never cut.
//
// # Anthropic's protocol
//
// It is the backend for Anthropic's messages. They have one
// answer a request, no seed, and no plain prompt to go on with.
//
// # Programs
//
// It is the backend that runs a program for each request, which
// reads a prompt on its standard input and writes a completion on its standard
// output: as text, or both as JSON.
//
// Invariant: what a program writes is bounded; when its time is over, it and
// what it started are gone.
package backends
