package backends

import (
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	for spec, want := range map[string]string{
		"openai":                   "openai:https://api.openai.com/v1",
		"openai:http://host:1/v1":  "openai:http://host:1/v1",
		"anthropic":                "anthropic:https://api.anthropic.com",
		"command:go version":       "command:go version",
		"command-json:go version":  "command-json:go version",
		"replay:open_test.go":      "open_test.go:1: it is not a line of a request log",
		"replay":                   "replay:FILE",
		"command":                  "command:PROGRAM",
		"gpt":                      `there is no backend "gpt": name it as openai, `,
		"":                         `there is no backend ""`,
		"openai:ftp://host":        "begins with http",
		"replay:no-such-file.json": "no such file",
	} {
		b, err := Open(spec, func(name string) string {
			if strings.HasSuffix(name, "_KEY") {
				return "key"
			}
			return ""
		})
		got := ""
		if err != nil {
			got = err.Error()
			if b != nil {
				t.Errorf("%s: a backend with an error", spec)
			}
		} else {
			got = b.Identity()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", spec, got, want)
		}
	}
}
