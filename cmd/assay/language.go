package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-dev/assay/plugins/host"
	"github.com/assay-dev/assay/plugins/store"
	"github.com/assay-dev/assay/plugins/wire"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/compiled"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/golang"
	"github.com/assay-dev/assay/runtimes/language"
	"github.com/assay-dev/assay/runtimes/wasi"
)

// languages are those that are built in and compiled, by name.
var languages = map[string]func() language.Language{
	"go": func() language.Language { return golang.New() },
}

// pythonName is the runtime that compiles nothing.
const pythonName = "python"

func runtimeNames() string {
	return strings.Join(append([]string{pythonName}, slices.Sorted(maps.Keys(languages))...), ", ")
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

// runCompiled compiles a program by its language and runs what came of it.
func runCompiled(ctx context.Context, s *session, f *runFlags, path string, source, stdin []byte, args []string) (out runtimes.Outcome, err error) {
	l, end, err := openLanguage(ctx, f.language, f.plugins, notices{s.display})
	if err != nil {
		return out, err
	}
	defer end()
	name := l.Info().Name
	found, err := l.Detect(ctx)
	switch {
	case err != nil:
		return out, err
	case found.Missing != "":
		return out, fmt.Errorf("%s: %s; to get it: %s", name, found.Missing, found.Install)
	}
	s.display.stage("making "+name+" ready", 0, 0)
	if _, err := l.Prepare(ctx); err != nil {
		return out, err
	}
	engine, err := registry.New(f.runtime.engineName(), nil)
	if err != nil {
		return out, err
	}
	defer engine.Close()
	s.display.stage("compiling "+filepath.Base(path), 0, 0)
	batch, err := compiled.Compile(ctx, engine, l, []language.Source{{Name: filepath.Base(path), Text: source}}, s.display.stage)
	if err != nil {
		return out, err
	}
	out, err = batch.Run(ctx, 0, wasi.Input{Args: args, Stdin: stdin}, f.limits())
	return out, errors.Join(err, batch.Close())
}

// notices shows what is written, line by line.
type notices struct{ display display }

func (n notices) Write(p []byte) (int, error) {
	n.display.notice(strings.TrimRight(string(p), "\n"))
	return len(p), nil
}
