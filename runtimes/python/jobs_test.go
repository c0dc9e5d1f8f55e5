package python

import (
	"context"

	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

func runMain(ctx context.Context, r *Runtime, p runtimes.Program, args []string, stdin []byte, lim runtimes.Limits) (runtimes.Outcome, error) {
	return r.Run(ctx, &runtimes.Job{Mode: runtimes.ModeMain, Program: p, Args: args, Stdin: stdin, Limits: lim}, nil)
}

func runCases(ctx context.Context, r *Runtime, p runtimes.Program, inputs []runtimes.Input, lim runtimes.Limits, visit func(i int, res runtimes.Result) bool) (runtimes.Outcome, error) {
	return r.Run(ctx, &runtimes.Job{Mode: runtimes.ModeCases, Program: p, Inputs: inputs, Limits: lim}, func(res runtimes.Result) bool { return visit(res.Input, res) })
}

func runScript(ctx context.Context, r *Runtime, s runtimes.Script, p runtimes.Program, lim runtimes.Limits) (runtimes.Outcome, error) {
	out, err := r.Run(ctx, &runtimes.Job{Mode: runtimes.ModeScript, Program: p, Script: s, Limits: lim}, nil)
	if out.Test == nil {
		out.Test = &runtimes.Outcome{}
	}
	return out, err
}

func runShared(ctx context.Context, r *Runtime, p runtimes.Program, s runtimes.Script, lim runtimes.Limits) (runtimes.Outcome, error) {
	return r.Run(ctx, &runtimes.Job{Mode: runtimes.ModeShared, Program: p, Script: s, Limits: lim}, nil)
}

func runTests(ctx context.Context, r *Runtime, p runtimes.Program, t runtimes.Tests, lim runtimes.Limits) (runtimes.Outcome, error) {
	return r.Run(ctx, &runtimes.Job{Mode: runtimes.ModeTests, Program: p, Tests: t, Limits: lim}, nil)
}

func inspectScript(ctx context.Context, r *Runtime, s runtimes.Script) (runtimes.Outcome, error) {
	return r.Run(ctx, &runtimes.Job{Mode: runtimes.ModeInspect, Script: s}, nil)
}

func inspectTests(ctx context.Context, r *Runtime, t runtimes.Tests) (runtimes.Outcome, error) {
	return r.Run(ctx, &runtimes.Job{Mode: runtimes.ModeInspect, Tests: t}, nil)
}

// decode reads a result under the default limits.
func decode(res runtimes.Result) (value.Value, error) {
	return value.DecodeFrame(nil, res.Raw, res.Tagged, 0, 0, 0)
}
