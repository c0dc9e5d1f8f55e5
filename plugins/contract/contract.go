// Package contract is what every plugin of a kind must do, built in or not, as
// checks that run against one: model backends, trainers, language runtimes.
//
// Invariant: a check that fails names what the subject did and what was wanted;
// one that keeps the contract passes, whatever its answers are.
//
// It imports the kinds' interfaces (harness/model, trainer, plugins/sdk/language),
// trainer/rundir, and package runtimes, by whose Runner compiled programs run.
package contract

import (
	"context"
	"fmt"
	"time"
)

// process is a subject that is a process, which can be looked after, as a plugin's.
type process interface {
	Health(ctx context.Context) error
	Kill(ctx context.Context) error
}

// Result is what came of a check.
type Result struct {
	Name string
	Err  error // nil: passed
}

// check is a check of a subject of some kind.
type check[S any] struct {
	name string
	run  func(ctx context.Context, s S) error
}

// runAll runs all checks, in order. It stops early only when ctx ends.
func runAll[S any](ctx context.Context, s S, patience time.Duration, checks []check[S]) []Result {
	if patience == 0 {
		patience = time.Minute
	}
	var out []Result
	for _, c := range checks {
		if ctx.Err() != nil {
			break
		}
		out = append(out, Result{c.name, within(ctx, s, patience, c.run)})
	}
	return out
}

// within runs a check, and does not wait for a subject that won't return.
func within[S any](ctx context.Context, s S, patience time.Duration, run func(context.Context, S) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- run(ctx, s) }()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case err := <-done:
		return err
	case <-late.C:
		return fmt.Errorf("it has not returned within %s", patience)
	}
}
