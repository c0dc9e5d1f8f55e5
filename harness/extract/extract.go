package extract

import (
	"context"
	_ "embed"
	"fmt"
	"slices"

	"assay/runtimes"
	"assay/runtimes/python"
	"assay/runtimes/value"
)

//go:embed sanitize.py
var source string

// Runtime is what extraction needs of Python; *python.Runtime is one.
type Runtime interface {
	RunCases(ctx context.Context, p python.Program, inputs []python.Input, lim runtimes.Limits, visit func(i int, r python.Result) bool) (runtimes.Outcome, error)
}

// Answer is what a model wrote, and the function that was asked for.
type Answer struct {
	Text  string
	Entry string
}

// Program is what was found in an answer.
type Program struct {
	Source string // the answer itself where nothing was found within the limits
	Why    string // which limit it was; "" when all went well
}

// limits of the work on one answer. A usual one takes a thousandth of the fuel.
var limits = runtimes.Limits{CallFuel: 20e9, MemoryBytes: 1 << 30}

// All gives the program of each answer.
func All(ctx context.Context, rt Runtime, answers []Answer) ([]Program, error) {
	out := make([]Program, 0, len(answers))
	for len(out) < len(answers) {
		found, why, err := some(ctx, rt, answers[len(out):])
		if err != nil {
			return nil, fmt.Errorf("taking the programs out of the answers: %w", err)
		}
		out = append(out, found...)
		if len(out) < len(answers) {
			out = append(out, Program{Source: answers[len(out)].Text, Why: why})
		}
	}
	return out, nil
}

// some works until an answer is too much, and says why that one was.
func some(ctx context.Context, rt Runtime, answers []Answer) (found []Program, why string, err error) {
	answers = slices.Insert(slices.Clone(answers), 0, Answer{}) // an empty one can't be too much
	inputs := make([]python.Input, len(answers))
	for i, a := range answers {
		if inputs[i].Args, err = value.AppendMarshal(nil, value.Tuple{value.Str(a.Text), value.Str(a.Entry)}); err != nil {
			return nil, "", err
		}
	}
	var bad error
	visit := func(_ int, r python.Result) bool {
		v, err := r.Decode(limits)
		text, ok := v.(value.Str)
		if !ok {
			bad = fmt.Errorf("a program came back as %T (%v)", v, err)
			return false
		}
		found = append(found, Program{Source: string(text)})
		return true
	}
	program := python.Program{Source: source, Entry: "sanitize", Filename: "sanitize.py"}
	outcome, err := rt.RunCases(ctx, program, inputs, limits, visit)
	switch {
	case err != nil:
		return nil, "", err
	case bad != nil:
		return nil, "", bad
	case len(found) == 0:
		return nil, "", fmt.Errorf("it does not start: %s", reason(outcome))
	}
	return found[1:], reason(outcome), nil
}

func reason(o runtimes.Outcome) string {
	if o.Exception != nil {
		return fmt.Sprintf("%s: %s: %s", o.Kind, o.Exception.Type, o.Exception.Message)
	}
	return string(o.Kind)
}
