package pyfunc

import (
	"context"
	"fmt"
	"slices"

	"assay/runtimes"
	"assay/runtimes/python"
	"assay/runtimes/value"
)

// Runtime is what calls need of Python; *python.Runtime is one.
type Runtime interface {
	RunCases(ctx context.Context, p python.Program, inputs []python.Input, lim runtimes.Limits, visit func(i int, r python.Result) bool) (runtimes.Outcome, error)
}

// Func is a function of a program of ours.
type Func struct {
	Source string
	Name   string
	Easy   value.Tuple // arguments that can't be too much: how a program that doesn't start is told
	Limits runtimes.Limits
}

// Result is what came of one call.
type Result struct {
	Value value.Value
	Why   string // which limit the call exceeded, or what it raised; "" when there is a value
}

// Each calls f on each of the arguments.
func (f Func) Each(ctx context.Context, rt Runtime, args []value.Tuple) ([]Result, error) {
	out := make([]Result, 0, len(args))
	for len(out) < len(args) {
		found, why, err := f.some(ctx, rt, args[len(out):])
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
		if len(out) < len(args) {
			out = append(out, Result{Why: why})
		}
	}
	return out, nil
}

// some works until a call is too much, and says why that one was.
func (f Func) some(ctx context.Context, rt Runtime, args []value.Tuple) (found []Result, why string, err error) {
	args = slices.Insert(slices.Clone(args), 0, f.Easy)
	inputs := make([]python.Input, len(args))
	for i, a := range args {
		if inputs[i].Args, err = value.AppendMarshal(nil, a); err != nil {
			return nil, "", err
		}
	}
	var bad error
	visit := func(_ int, r python.Result) bool {
		v, err := r.Decode(f.Limits)
		if err != nil {
			bad = fmt.Errorf("%s gave what can't be read: %w", f.Name, err)
			return false
		}
		found = append(found, Result{Value: v})
		return true
	}
	program := python.Program{Source: f.Source, Entry: f.Name, Filename: f.Name + ".py"}
	outcome, err := rt.RunCases(ctx, program, inputs, f.Limits, visit)
	switch {
	case err != nil:
		return nil, "", err
	case bad != nil:
		return nil, "", bad
	case len(found) == 0:
		return nil, "", fmt.Errorf("%s does not start: %s", f.Name, reason(outcome))
	}
	return found[1:], reason(outcome), nil
}

func reason(o runtimes.Outcome) string {
	if o.Exception != nil {
		return fmt.Sprintf("%s: %s: %s", o.Kind, o.Exception.Type, o.Exception.Message)
	}
	return string(o.Kind)
}
