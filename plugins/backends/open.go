package backends

import (
	"fmt"
	"strings"

	"github.com/assay-dev/assay/harness/model"
)

// Forms are the ways to name a backend; plugins are opened elsewhere.
const Forms = "openai, openai:URL, anthropic, replay:FILE, command:PROGRAM, command-json:PROGRAM, embedded:DIR or plugin:NAME"

// Open opens the backend that spec names, in one of the Forms. Keys come from
// env.
func Open(spec string, env func(string) string) (model.Backend, error) {
	name, rest, _ := strings.Cut(spec, ":")
	switch name {
	case "openai":
		return opened(OpenOpenAI(rest, env))
	case "anthropic":
		return opened(OpenAnthropic(rest, env))
	case "replay":
		return opened(OpenReplay(rest))
	case "command":
		return opened(OpenCommand(rest, Text))
	case "embedded":
		return opened(OpenEmbedded(rest))
	case "command-json":
		return opened(OpenCommand(rest, JSON))
	}
	return nil, fmt.Errorf("there is no backend %q: name it as %s", name, Forms)
}

// opened keeps a nil pointer from becoming a backend.
func opened[B model.Backend](b B, err error) (model.Backend, error) {
	if err != nil {
		return nil, err
	}
	return b, nil
}
