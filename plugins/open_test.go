package plugins

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/assay-dev/assay/plugins/sdk/wire"
)

func misnames(err error) bool {
	var wrong *NameError
	return errors.As(err, &wrong)
}

// A name opens what is built in under it, with its argument, or says what is wrong
// with it.
func TestOpen(t *testing.T) {
	store, _ := install(t, Options{})
	k := Kind[fmt.Stringer]{Name: wire.Trainer, Unknown: "no trainer is called %q: there are plain and file", BuiltIn: map[string]func(string) (fmt.Stringer, error){
		"plain": Plain(func() fmt.Stringer { return said("plain") }),
		"file": func(argument string) (fmt.Stringer, error) {
			if argument == "" {
				return nil, errors.New("it wants a file: file:NAME")
			}
			return said("file " + argument), nil
		},
	}}
	for name, want := range map[string]string{
		"plain":         "plain",
		"file:a:b":      "file a:b",
		"file":          "it wants a file",
		"plain:x":       `it takes no argument, and "x" is one`,
		"nobody":        `no trainer is called "nobody": there are plain and file`,
		"":              `no trainer is called ""`,
		"plugin:":       "--trainer plugin wants a name: plugin:NAME, one of assay plugins list",
		"plugin:nobody": `no plugin is called "nobody" in `,
		"plugin:echo":   "plugin echo is a backend, and no trainer",
	} {
		it, end, err := Open(t.Context(), k, name, func() (*Store, error) { return store, nil }, nil)
		got := ""
		if err == nil {
			got = it.String()
			end()
		} else {
			got = err.Error()
			if it != nil || end != nil || !misnames(err) {
				t.Errorf("%s: %v, %v", name, it, err)
			}
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

type said string

func (s said) String() string { return string(s) }
