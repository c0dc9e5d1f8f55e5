package worker

import (
	"context"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python"
)

// Runtime is what a child opens and a Process stands for; *python.Runtime is
// one. An error is a fault of ours, never of the program that ran. It is safe
// for concurrent use.
type Runtime interface {
	Name() string
	Identity() string
	// RunCases may run ahead of visit; what comes after visit has returned
	// false is of no account.
	RunCases(ctx context.Context, p python.Program, inputs []python.Input, lim runtimes.Limits, visit func(i int, r python.Result) bool) (runtimes.Outcome, error)
	Compile(ctx context.Context, s python.Script) ([]byte, error)
	RunScript(ctx context.Context, s python.Script, p python.Program, lim runtimes.Limits) (python.ScriptOutcome, error)
	RunShared(ctx context.Context, p python.Program, s python.Script, lim runtimes.Limits) (runtimes.Outcome, error)
	RunTests(ctx context.Context, p python.Program, t python.Tests, lim runtimes.Limits) (python.TestsOutcome, error)
	TestNames(ctx context.Context, t python.Tests) ([]string, error)
	RunMain(ctx context.Context, p python.Program, args []string, stdin []byte, lim runtimes.Limits) (runtimes.Outcome, error)
	Close() error
}

var (
	_ Runtime = (*python.Runtime)(nil)
	_ Runtime = (*Process)(nil)
)
