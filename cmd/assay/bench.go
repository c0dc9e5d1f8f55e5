package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/judge"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/excerpt"
)

// bench is what judges: a session with its runtime and a judge.
type bench struct {
	*session
	judge   *judge.Judge
	workers int
}

// bench opens the runtime with the suite's libraries, for so many programs at
// once, and makes the judge that the options describe. A fresh one takes no
// verdict from the cache.
func (s *session) bench(ctx context.Context, suite *benchmarks.Suite, f runtimeFlags, asked int, o run.Options, fresh bool) (*bench, error) {
	if suite != nil {
		f.libraries = o.Libraries(suite)
	}
	workers, err := s.openFor(ctx, f, asked, o.Limits)
	if err != nil {
		return nil, err
	}
	j, err := s.newJudge(o, fresh)
	return &bench{s, j, workers}, err
}

// again is a bench for a results folder: with its suite, and a judge as its run
// had one.
type again struct {
	*bench
	stored *run.Stored
	suite  *benchmarks.Suite
}

// openAgain opens one. Its judge takes no verdict from the cache.
func (a *app) openAgain(ctx context.Context, path, data string, workers int, f runtimeFlags, quiet bool) (*again, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	stored, err := a.loadWhole(ctx, path)
	if err != nil {
		return nil, err
	}
	s, err := a.openSession(quiet)
	if err != nil {
		return nil, err
	}
	out := &again{stored: stored}
	if out.suite, err = s.openSuite(ctx, stored.Summary.Suite.String(), data); err == nil {
		out.bench, err = s.bench(ctx, out.suite, f, workers, stored.Summary.Options, true)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return out, nil
}

// load reads a results folder, and says which lines of it can't be read.
func (a *app) load(ctx context.Context, path string) (*run.Stored, error) {
	stored, err := run.Load(ctx, path)
	if err == nil {
		a.warn(stored.Damage.Notices(run.LineIsLost))
	}
	return stored, err
}

// warn says what is odd and stops nothing.
func (a *app) warn(notices []string) {
	for _, n := range notices {
		fmt.Fprintln(a.stderr, "warning: "+excerpt.Escape(n))
	}
}

// loadWhole reads a results folder that says what its run was.
func (a *app) loadWhole(ctx context.Context, path string) (*run.Stored, error) {
	stored, err := a.load(ctx, path)
	if err == nil && stored.Summary == nil {
		err = fmt.Errorf("%s holds no summary.json: it says what the run was", stored.Dir)
	}
	return stored, err
}
