package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/run"
)

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
	stored, err := run.Load(path)
	if err != nil {
		return nil, err
	}
	if stored.Summary == nil {
		return nil, fmt.Errorf("%s holds no summary.json: it says what the run was", stored.Dir)
	}
	s, err := a.openSession(quiet)
	if err != nil {
		return nil, err
	}
	out := &again{stored: stored}
	if err := out.open(ctx, s, data, workers, f); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return out, nil
}

func (o *again) open(ctx context.Context, s *session, data string, workers int, f runtimeFlags) (err error) {
	if o.suite, err = s.openSuite(ctx, o.stored.Summary.Suite.String(), data); err != nil {
		return err
	}
	options := o.stored.Summary.Options
	f.libraries = o.suite.LibrariesUnder(benchmarks.Compat(options.Compat))
	o.bench, err = s.bench(ctx, f, workers, options, true)
	return err
}
