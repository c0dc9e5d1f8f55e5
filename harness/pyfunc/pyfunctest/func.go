package pyfunctest

import (
	"context"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python"
	"github.com/assay-dev/assay/runtimes/value"
)

// Func is the function, in Go: its result, and how the call ends.
type Func func(args value.Tuple) (value.Value, runtimes.Kind)

// First gives the first argument back.
func First(args value.Tuple) (value.Value, runtimes.Kind) { return args[0], runtimes.OK }

// RunCases calls f on each input, whatever the program says.
func (f Func) RunCases(_ context.Context, _ python.Program, inputs []python.Input, _ runtimes.Limits, visit func(int, python.Result) bool) (runtimes.Outcome, error) {
	for i, in := range inputs {
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
		if !visit(i, python.Result{Raw: raw}) {
			break
		}
	}
	return runtimes.Outcome{Kind: runtimes.OK}, nil
}
