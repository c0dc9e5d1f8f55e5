package backends

import "github.com/assay-dev/assay/harness/model"

// Forms are the ways to name a backend.
const Forms = "openai, openai:URL, anthropic, replay:FILE, command:PROGRAM, command-json:PROGRAM, embedded:DIR or plugin:NAME"

// BuiltIn are the backends that are built in, by the words that Forms begin with.
// Each is opened with what follows the colon. Keys come from env.
func BuiltIn(env func(string) string) map[string]func(string) (model.Backend, error) {
	return map[string]func(string) (model.Backend, error){
		"openai":       func(url string) (model.Backend, error) { return opened(OpenOpenAI(url, env)) },
		"anthropic":    func(url string) (model.Backend, error) { return opened(OpenAnthropic(url, env)) },
		"replay":       func(file string) (model.Backend, error) { return opened(OpenReplay(file)) },
		"command":      func(line string) (model.Backend, error) { return opened(OpenCommand(line, Text)) },
		"command-json": func(line string) (model.Backend, error) { return opened(OpenCommand(line, JSON)) },
		"embedded":     func(dir string) (model.Backend, error) { return opened(OpenEmbedded(dir)) },
	}
}

// opened keeps a nil pointer from becoming a backend.
func opened[B model.Backend](b B, err error) (model.Backend, error) {
	if err != nil {
		return nil, err
	}
	return b, nil
}
