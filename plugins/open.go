package plugins

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/child"
	"github.com/assay-dev/assay/plugins/host"
	"github.com/assay-dev/assay/plugins/sdk/wire"
)

// Prefix is what the names of plugins begin with, where others are built in.
const Prefix = "plugin:"

// Kind is what can be opened by a name as a T: those that are built in, and the
// plugins of a kind.
type Kind[T any] struct {
	Name wire.Kind
	// BuiltIn are those that are built in, by the word before the colon; each gets
	// what follows the colon.
	BuiltIn map[string]func(argument string) (T, error)
	// Unknown is the message about a name that nothing has, with a verb for it.
	Unknown string
}

// NameError says that a name is wrong, or that nothing can be opened by it.
type NameError struct{ Err error }

func (e *NameError) Error() string { return e.Err.Error() }
func (e *NameError) Unwrap() error { return e.Err }

func misnamed(format string, args ...any) error {
	return &NameError{fmt.Errorf(format, args...)}
}

// Open opens what name names: NAME or NAME:ARGUMENT where it is built in, and
// plugin:NAME where it is installed in the store. A plugin's words go to log; nil:
// to nobody. The caller calls end when nothing more is asked.
func Open[T any](ctx context.Context, k Kind[T], name string, store func() (*Store, error), log io.Writer) (t T, end func(), err error) {
	installed, isPlugin := strings.CutPrefix(name, Prefix)
	if !isPlugin {
		word, argument, _ := strings.Cut(name, ":")
		open, there := k.BuiltIn[word]
		if !there {
			return t, nil, misnamed(k.Unknown, name)
		}
		if t, err = open(argument); err != nil {
			return t, nil, &NameError{err}
		}
		return t, func() {}, nil
	}
	if installed == "" {
		return t, nil, misnamed("--%s plugin wants a name: plugin:NAME, one of assay plugins list", k.Name)
	}
	s, err := store()
	if err != nil {
		return t, nil, err
	}
	p, err := s.Find(installed)
	if err != nil {
		return t, nil, err
	}
	started, err := p.Start(ctx, k.Name, log)
	if err != nil {
		return t, nil, err
	}
	return started.(T), func() { _ = started.Close() }, nil // one that won't end was killed; the answers are there
}

// Plain is the open function of what is built in and takes no argument.
func Plain[T any](open func() T) func(string) (T, error) {
	return func(argument string) (t T, err error) {
		if argument != "" {
			return t, fmt.Errorf("it takes no argument, and %q is one", argument)
		}
		return open(), nil
	}
}

// Start starts a plugin of a kind. The caller closes it.
func (p *Plugin) Start(ctx context.Context, kind wire.Kind, log io.Writer) (host.Plugin, error) {
	m := p.Manifest
	if m.Kind != kind {
		return nil, misnamed("plugin %s is a %s, and no %s", m.Name, m.Kind, kind)
	}
	c := host.Config{
		Name: m.Name, Version: m.Version, Kind: kind,
		Args: p.Command(), Dir: p.Dir, Check: p.Verify, Log: log, StartTimeout: m.startTimeout(),
	}
	if root, err := cache.DefaultRoot(); err == nil { // without one it has none
		if c.Cache, err = filepath.Abs(filepath.Join(root, "plugins", m.Name)); err != nil {
			return nil, err
		}
	}
	for _, name := range p.Env {
		if value, there := os.LookupEnv(name); there {
			c.Env = append(c.Env, name+"="+value)
			c.Secrets = append(c.Secrets, child.Secret{Value: value, Label: name})
		}
	}
	return host.Open(ctx, c)
}
