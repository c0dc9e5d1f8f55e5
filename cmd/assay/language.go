package main

import (
	"context"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-dev/assay/plugins"
	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/plugins/sdk/wire"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/golang"
)

// languages are those that are built in and compiled, by name.
var languages = map[string]func(string) (language.Language, error){
	"go": plugins.Plain(func() language.Language { return golang.New() }),
}

func runtimeNames() string {
	return strings.Join(append([]string{runtimes.Python}, slices.Sorted(maps.Keys(languages))...), ", ")
}

// languageOf is the language that is built in for a file of that name; "" where
// there is none.
func languageOf(path string) string {
	for _, name := range slices.Sorted(maps.Keys(languages)) {
		if l, err := languages[name](""); err == nil && filepath.Ext(path) == l.Info().Extension {
			return name
		}
	}
	return ""
}

// openLanguage opens what spec names, built in or a plugin, whose words go to
// log. The caller calls end when nothing more is asked.
func openLanguage(ctx context.Context, spec string, at pluginsFlag, log io.Writer) (l language.Language, end func(), err error) {
	k := plugins.Kind[language.Language]{Name: wire.Runtime, BuiltIn: languages, Unknown: "no runtime is called %q: there are " + runtimeNames() + ", and plugin:NAME"}
	return plugins.Open(ctx, k, spec, at.open, log)
}

// notices shows what is written, line by line.
type notices struct{ display display }

func (n notices) Write(p []byte) (int, error) {
	n.display.Notice(strings.TrimRight(string(p), "\n"))
	return len(p), nil
}
