package extract

import (
	"context"
	_ "embed"
	"fmt"

	"assay/harness/pyfunc"
	"assay/runtimes"
	"assay/runtimes/value"
)

//go:embed sanitize.py
var source string

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

// sanitize: a usual answer takes a thousandth of the fuel.
var sanitize = pyfunc.Func{
	Source: source, Name: "sanitize", Easy: value.Tuple{value.Str(""), value.Str("")},
	Limits: runtimes.Limits{CallFuel: 20e9, MemoryBytes: 1 << 30},
}

// All gives the program of each answer.
func All(ctx context.Context, rt pyfunc.Runtime, answers []Answer) ([]Program, error) {
	args := make([]value.Tuple, len(answers))
	for i, a := range answers {
		args[i] = value.Tuple{value.Str(a.Text), value.Str(a.Entry)}
	}
	results, err := sanitize.Each(ctx, rt, args)
	if err != nil {
		return nil, fmt.Errorf("taking the programs out of the answers: %w", err)
	}
	out := make([]Program, len(answers))
	for i, r := range results {
		if r.Why != "" {
			out[i] = Program{Source: answers[i].Text, Why: r.Why}
			continue
		}
		text, ok := r.Value.(value.Str)
		if !ok {
			return nil, fmt.Errorf("taking the programs out of the answers: one came back as %T", r.Value)
		}
		out[i] = Program{Source: string(text)}
	}
	return out, nil
}
