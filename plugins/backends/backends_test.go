package backends

import (
	"strings"
	"testing"
)

// All that Forms names is built in, and is opened or says what is wrong.
func TestBuiltIn(t *testing.T) {
	all := BuiltIn(func(name string) string {
		if strings.HasSuffix(name, "_KEY") {
			return "key"
		}
		return ""
	})
	for _, form := range strings.FieldsFunc(strings.TrimSuffix(Forms, " or plugin:NAME"), func(r rune) bool { return r == ',' || r == ' ' }) {
		if word, _, _ := strings.Cut(form, ":"); all[word] == nil {
			t.Errorf("%s is not built in", form)
		}
	}
	for spec, want := range map[string]string{
		"openai":                   "openai:https://api.openai.com/v1",
		"openai:http://host:1/v1":  "openai:http://host:1/v1",
		"anthropic":                "anthropic:https://api.anthropic.com",
		"command:go version":       "command:go version",
		"command-json:go version":  "command-json:go version",
		"replay:backends_test.go":  "backends_test.go:1: it is not a line of a request log",
		"replay":                   "replay:FILE",
		"command":                  "command:PROGRAM",
		"openai:ftp://host":        "begins with http",
		"replay:no-such-file.json": "no such file",
	} {
		word, argument, _ := strings.Cut(spec, ":")
		b, err := all[word](argument)
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
