package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/child"
	"github.com/assay-dev/assay/plugins/backends"
	"github.com/assay-dev/assay/plugins/host"
	"github.com/assay-dev/assay/plugins/sdk/wire"
	"github.com/assay-dev/assay/plugins/store"
)

// pluginsFlag says where plugins are.
type pluginsFlag struct{ root string }

func (p *pluginsFlag) register(flags *pflag.FlagSet) {
	flags.StringVar(&p.root, "plugins", "", "`folder` of plugins (default ASSAY_PLUGINS, or assay/plugins in your folder of settings)")
}

func (p *pluginsFlag) open() (*store.Store, error) {
	root := p.root
	if root == "" {
		var err error
		if root, err = store.DefaultRoot(); err != nil {
			return nil, err
		}
	}
	return store.Open(root)
}

// openBackend opens what spec names, built in or a plugin. What a plugin prints
// goes to the file log. The caller calls end when nothing more is asked.
func openBackend(ctx context.Context, spec string, plugins pluginsFlag, log string) (b model.Backend, end func(), err error) {
	name, isPlugin := strings.CutPrefix(spec, pluginPrefix)
	if !isPlugin {
		b, err := backends.Open(spec, os.Getenv)
		if err != nil {
			return nil, nil, usageError{err}
		}
		return b, func() {}, nil
	}
	if name == "" {
		return nil, nil, usagef("--backend plugin wants a name: plugin:NAME, one of assay plugins list")
	}
	p, err := find(&plugins, name)
	if err != nil {
		return nil, nil, err
	}
	out := &logFile{path: log}
	backend, err := openPlugin(ctx, p, out)
	if err != nil {
		return nil, nil, errors.Join(err, out.close())
	}
	return backend, func() {
		_ = backend.Close() // a plugin that won't end was killed; the answers are there
		_ = out.close()
	}, nil
}

// asUsage: to name a plugin that is not there is wrong usage.
func asUsage(err error) error {
	if errors.Is(err, store.ErrNone) {
		return usageError{err}
	}
	return err
}

// openPlugin starts a backend that is a plugin.
func openPlugin(ctx context.Context, p *store.Plugin, log io.Writer) (*host.Backend, error) {
	c, err := pluginConfig(p, wire.Backend, log)
	if err != nil {
		return nil, err
	}
	return host.OpenBackend(ctx, c)
}

// pluginPrefix is what names of plugins begin with, where others are built in.
const pluginPrefix = "plugin:"

// pluginConfig is how a plugin of the kind is run.
func pluginConfig(p *store.Plugin, kind wire.Kind, log io.Writer) (host.Config, error) {
	if p.Manifest.Kind != kind {
		return host.Config{}, usagef("plugin %s is a %s, and no %s", p.Manifest.Name, p.Manifest.Kind, kind)
	}
	c := host.Config{
		Name: p.Manifest.Name, Version: p.Manifest.Version, Kind: kind,
		Args: p.Command(), Dir: p.Dir, Check: p.Verify, Log: log, StartTimeout: p.StartTimeout(),
	}
	for _, name := range p.Env {
		if value, there := os.LookupEnv(name); there {
			c.Env = append(c.Env, name+"="+value)
			c.Secrets = append(c.Secrets, child.Secret{Value: value, Label: name})
		}
	}
	return c, nil
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
