// Package backends has the model backends that are built in.
//
//	openai     a server that speaks OpenAI's protocol: vLLM, SGLang, llama.cpp,
//	           Ollama, TGI, OpenAI's own. A chat goes to chat/completions, a prompt
//	           to completions.
//	anthropic  Anthropic's messages: one answer a request, no seed, no prompt to go
//	           on with
//	replay     a file of answers: the request log of an earlier run, or rows of
//	           samples. A whole run repeats without a model.
//	command    a program that runs for each request. It reads a prompt and writes a
//	           completion, as text or both as JSON.
//	embedded   a small model that the embedded trainer made. It writes in this
//	           process.
//
// Invariants: a key is read from the environment, is sent to the server that it
// is for, and stands in no error, no log and no identity. An answer is what the
// model wrote, or an error; half of one is never taken for the whole, and nothing
// is made up. A failure is a *model.Error that names the way out. What a server or
// a program sends is bounded; when its time is over, a program is gone, and what
// it started.
//
// It imports harness/model, internal packages and trainer/embedded.
package backends

import "github.com/assay-dev/assay/harness/model"

// Forms are the ways to name a backend.
const Forms = "openai, openai:URL, anthropic, replay:FILE, command:PROGRAM, command-json:PROGRAM, embedded:DIR or plugin:NAME"

// BuiltIn opens each backend, by the word that its form begins with, with what
// follows the colon. Keys come from env.
func BuiltIn(env func(string) string) map[string]func(string) (model.Backend, error) {
	return map[string]func(string) (model.Backend, error){
		"openai":       func(url string) (model.Backend, error) { return opened(newOpenAI(url, env)) },
		"anthropic":    func(url string) (model.Backend, error) { return opened(newAnthropic(url, env)) },
		"replay":       func(file string) (model.Backend, error) { return opened(newReplay(file)) },
		"command":      func(line string) (model.Backend, error) { return opened(newCommand(line, commandText)) },
		"command-json": func(line string) (model.Backend, error) { return opened(newCommand(line, commandJSON)) },
		"embedded":     func(dir string) (model.Backend, error) { return opened(newEmbedded(dir)) },
	}
}

// opened keeps a nil pointer from becoming a backend.
func opened[B model.Backend](b B, err error) (model.Backend, error) {
	if err != nil {
		return nil, err
	}
	return b, nil
}
