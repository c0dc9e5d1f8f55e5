package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/plugins"
)

const (
	exitOK          = 0
	exitFault       = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// usageError is wrong usage that the flags alone don't show.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// validate is wrong usage where one of the configurations is.
func validate(configs ...interface{ Validate() error }) error {
	for _, c := range configs {
		if err := c.Validate(); err != nil {
			return usageError{err}
		}
	}
	return nil
}

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// codeError ends the command with a code of its own, without a message.
type codeError int

func (e codeError) Error() string { return "" }

// exitCode is the process's exit code for what a command returned. What cobra
// finds before a command runs is wrong usage.
func (a *app) exitCode(ctx context.Context, err error) int {
	var code codeError
	var usage usageError
	var name *plugins.NameError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case ctx.Err() != nil:
		return exitInterrupted
	case !a.running, errors.As(err, &usage), errors.As(err, &name), errors.Is(err, run.ErrSelection):
		return exitUsage
	}
	return exitFault
}

// message is what a user reads of an error.
func message(err error) string {
	var stop *run.Interrupted
	if errors.As(err, &stop) {
		return stop.Error() + "; go on with the same command and --resume"
	}
	if err == nil {
		return ""
	}
	return excerpt.Escape(err.Error())
}
