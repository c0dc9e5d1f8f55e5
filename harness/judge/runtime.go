package judge

import (
	"context"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python"
)

// Runtime is what the judge needs of a language runtime; *python.Runtime is
// one. An error is a fault of ours, never of the program that ran. It is safe
// for concurrent use.
type Runtime interface {
	// Identity is a hash over everything that outcomes depend on beside what is
	// passed in.
	Identity() string
	// RunCases loads p in a fresh instance and applies it to each input in
	// order, until visit returns false or something fails.
	RunCases(ctx context.Context, p python.Program, inputs []python.Input, lim runtimes.Limits, visit func(i int, r python.Result) bool) (runtimes.Outcome, error)
	// Compile gives s.Compiled.
	Compile(ctx context.Context, s python.Script) ([]byte, error)
	// RunScript runs s in a trusted instance, whose calls travel to an instance
	// of p.
	RunScript(ctx context.Context, s python.Script, p python.Program, lim runtimes.Limits) (python.ScriptOutcome, error)
	// RunShared runs p and then s in one interpreter.
	RunShared(ctx context.Context, p python.Program, s python.Script, lim runtimes.Limits) (runtimes.Outcome, error)
	// RunMain runs p in a fresh instance as a program that reads stdin.
	RunMain(ctx context.Context, p python.Program, args []string, stdin []byte, lim runtimes.Limits) (runtimes.Outcome, error)
	// RunTests runs p and the tests of a class in one interpreter.
	RunTests(ctx context.Context, p python.Program, t python.Tests, lim runtimes.Limits) (python.TestsOutcome, error)
	// TestNames reads the names of a class's tests.
	TestNames(ctx context.Context, t python.Tests) ([]string, error)
}
