package contract

import (
	"context"
	"errors"
	"fmt"
	"time"

	"assay/harness/model"
)

// Subject is a backend and what it can be asked.
type Subject struct {
	Backend model.Backend
	// Request is one that it answers, for one sample and for several. The checks
	// change its index and number, and copy it.
	Request model.Request
	// Patience is how long a check may take (default a minute).
	Patience time.Duration
}

// Process is a backend whose process can be looked after, as a plugin's.
type Process interface {
	Health(ctx context.Context) error
	Kill(ctx context.Context) error
}

// Result is what came of a check.
type Result struct {
	Name string
	Err  error // nil: passed
}

type check struct {
	name string
	run  func(ctx context.Context, s Subject) error
}

// Run runs all checks, in order. It stops early only when ctx ends.
func Run(ctx context.Context, s Subject) []Result {
	if s.Patience == 0 {
		s.Patience = time.Minute
	}
	list := checks
	if _, ok := s.Backend.(Process); ok {
		list = append(list[:len(list):len(list)], processChecks...)
	}
	var out []Result
	for _, c := range list {
		if ctx.Err() != nil {
			break
		}
		out = append(out, Result{c.name, within(ctx, s, c.run)})
	}
	return out
}

// within runs a check, and does not wait for a backend that won't return.
func within(ctx context.Context, s Subject, run func(context.Context, Subject) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- run(ctx, s) }()
	late := time.NewTimer(s.Patience)
	defer late.Stop()
	select {
	case err := <-done:
		return err
	case <-late.C:
		return fmt.Errorf("it has not returned within %s", s.Patience)
	}
}

// Failed joins what did not pass.
func Failed(results []Result) error {
	var all []error
	for _, r := range results {
		if r.Err != nil {
			all = append(all, fmt.Errorf("%s: %w", r.Name, r.Err))
		}
	}
	return errors.Join(all...)
}
