package guestcall

import (
	"context"
	"fmt"
	"slices"

	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

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
	Why   string        // which limit the call exceeded, or what it raised; "" when there is a value
	Kind  runtimes.Kind // how the call ended
	Fuel  uint64        // that it used
}

// Each calls f on each of the arguments.
func (f Func) Each(ctx context.Context, r runtimes.Runner, args []value.Tuple) ([]Result, error) {
	out := make([]Result, 0, len(args))
	for len(out) < len(args) {
		found, last, err := f.some(ctx, r, args[len(out):])
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
		if len(out) < len(args) {
			out = append(out, last)
		}
	}
	return out, nil
}

// some works until a call is too much, and gives what came of that one too.
func (f Func) some(ctx context.Context, r runtimes.Runner, args []value.Tuple) (found []Result, last Result, err error) {
	args = slices.Insert(slices.Clone(args), 0, f.Easy)
	inputs := make([]runtimes.Input, len(args))
	for i, a := range args {
		if inputs[i].Args, err = value.AppendMarshal(nil, a); err != nil {
			return nil, last, err
		}
	}
	var bad error
	var long *Result
	var used uint64
	lim := f.Limits.WithDefaults()
	emit := func(r runtimes.Result) bool {
		if r.Long > 0 {
			long = &Result{Why: string(runtimes.BadValue), Kind: runtimes.BadValue, Fuel: r.Fuel}
			return false
		}
		v, err := value.DecodeFrame(value.NewMeter(ctx, len(r.Raw)), r.Raw, r.Tagged, lim.ValueBytes, lim.ValueNodes, lim.ValueDepth)
		if err != nil {
			bad = fmt.Errorf("%s gave what can't be read: %w", f.Name, err)
			return false
		}
		found = append(found, Result{Value: v, Kind: runtimes.OK, Fuel: r.Fuel})
		used = r.Total
		return true
	}
	outcome, err := r.Run(ctx, &runtimes.Job{
		Language: runtimes.Python, Mode: runtimes.ModeCases, Limits: f.Limits, Inputs: inputs,
		Program: runtimes.Program{Source: f.Source, Entry: f.Name, Name: f.Name + ".py"},
	}, emit)
	switch {
	case err != nil:
		return nil, last, err
	case bad != nil:
		return nil, last, bad
	case len(found) == 0:
		return nil, last, fmt.Errorf("%s does not start: %s", f.Name, reason(outcome))
	case long != nil:
		return found[1:], *long, nil
	}
	return found[1:], Result{Why: reason(outcome), Kind: outcome.Kind, Fuel: outcome.Fuel - used}, nil
}

func reason(o runtimes.Outcome) string {
	if o.Exception != nil {
		return fmt.Sprintf("%s: %s: %s", o.Kind, o.Exception.Type, o.Exception.Message)
	}
	return string(o.Kind)
}
