package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"

	"github.com/spf13/pflag"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/plugins"
	"github.com/assay-dev/assay/plugins/backends"
	"github.com/assay-dev/assay/plugins/sdk/wire"
)

// pluginsFlag says where plugins are.
type pluginsFlag struct{ root string }

func (p *pluginsFlag) register(flags *pflag.FlagSet) {
	flags.StringVar(&p.root, "plugins", "", "`folder` of plugins (default ASSAY_PLUGINS, or assay/plugins in your folder of settings)")
}

func (p *pluginsFlag) open() (*plugins.Store, error) {
	root := p.root
	if root == "" {
		var err error
		if root, err = plugins.DefaultRoot(); err != nil {
			return nil, err
		}
	}
	return plugins.OpenStore(root)
}

// backendKind are the backends, whose keys come from env.
func backendKind(env func(string) string) plugins.Kind[model.Backend] {
	return plugins.Kind[model.Backend]{Name: wire.Backend, BuiltIn: backends.BuiltIn(env), Unknown: "there is no backend %q: name it as " + backends.Forms}
}

// openBackend opens what spec names, built in or a plugin. What a plugin prints
// goes to the file log. The caller calls end when nothing more is asked.
func openBackend(ctx context.Context, spec string, at pluginsFlag, log string) (b model.Backend, end func(), err error) {
	out := &logFile{path: log}
	b, ended, err := plugins.Open(ctx, backendKind(os.Getenv), spec, at.open, out)
	if err != nil {
		return nil, nil, errors.Join(err, out.close())
	}
	return b, func() {
		ended()
		_ = out.close() // the answers are there
	}, nil
}

// logFile is a file that is there once something was written to it.
type logFile struct {
	path string

	mu   sync.Mutex
	file *os.File
}

func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		err := os.MkdirAll(filepath.Dir(l.path), 0o755)
		if err == nil {
			l.file, err = os.Create(l.path)
		}
		if err != nil {
			return 0, err
		}
	}
	return l.file.Write(p)
}

func (l *logFile) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
