package pythontest

import (
	"context"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/value"
)

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
