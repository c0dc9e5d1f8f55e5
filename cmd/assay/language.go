package main

import (
	"context"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-dev/assay/plugins/host"
	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/plugins/sdk/wire"
	"github.com/assay-dev/assay/plugins/store"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/golang"
)

// languages are those that are built in and compiled, by name.
var languages = map[string]func() language.Language{
	"go": func() language.Language { return golang.New() },
}

func runtimeNames() string {
	return strings.Join(append([]string{runtimes.Python}, slices.Sorted(maps.Keys(languages))...), ", ")
}

// languageOf is the language that is built in for a file of that name; "" where
// there is none.
func languageOf(path string) string {
	for _, name := range slices.Sorted(maps.Keys(languages)) {
		if filepath.Ext(path) == languages[name]().Info().Extension {
			return name
		}
	}
	return ""
}

// openLanguage opens what spec names, built in or a plugin, whose words go to
// log. The caller calls end when nothing more is asked.
func openLanguage(ctx context.Context, spec string, plugins pluginsFlag, log io.Writer) (l language.Language, end func(), err error) {
	if open, builtIn := languages[spec]; builtIn {
		return open(), func() {}, nil
	}
	name, isPlugin := strings.CutPrefix(spec, pluginPrefix)
	if !isPlugin {
		return nil, nil, usagef("no runtime is called %q: there are %s, and plugin:NAME", spec, runtimeNames())
	}
	p, err := find(&plugins, name)
	if err != nil {
		return nil, nil, err
	}
	r, err := openRuntimePlugin(ctx, p, log)
	if err != nil {
		return nil, nil, err
	}
	return r, func() { _ = r.Close() }, nil // one that won't end was killed
}

// openRuntimePlugin starts a language that is a plugin.
func openRuntimePlugin(ctx context.Context, p *store.Plugin, log io.Writer) (*host.Runtime, error) {
	c, err := pluginConfig(p, wire.Runtime, log)
	if err != nil {
		return nil, err
	}
	return host.OpenRuntime(ctx, c)
}

// notices shows what is written, line by line.
type notices struct{ display display }

func (n notices) Write(p []byte) (int, error) {
	n.display.notice(strings.TrimRight(string(p), "\n"))
	return len(p), nil
}
