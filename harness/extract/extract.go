package extract

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/assay-dev/assay/harness/guestcall"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

//go:embed sanitize.py
var source string

// Answer is what a model wrote, and the function that was asked for.
type Answer struct {
	Text  string
	Entry string
	Rule  Rule
}

// Rule is how the program is found in an answer.
type Rule uint8

const (
	reached Rule = iota // evalplus's: the longest stretch of Python, and of that what Entry reaches
	Fenced              // lcb_runner's: what is between the first two lines with a fence, or nothing
	Whole               // lcb_runner's for base models: everything, without the space around it
)

// take applies the rules that need no parsing.
func (r Rule) take(text string) string {
	if r == Whole {
		return strings.TrimSpace(text)
	}
	_, rest, _ := cutFence(text)
	program, _, closed := cutFence(rest)
	if !closed {
		return ""
	}
	return program
}

// cutFence divides a text at its first line that has a fence in it.
func cutFence(text string) (before, after string, found bool) {
	at := strings.Index(text, "```")
	if at < 0 {
		return text, "", false
	}
	start := strings.LastIndexByte(text[:at], '\n') // the line end before
	_, after, _ = strings.Cut(text[at:], "\n")
	return text[:max(start, 0)], after, true
}

// Program is what was found in an answer.
type Program struct {
	Source string // the answer itself where nothing was found within the limits
	Why    string // which limit it was; "" when all went well
}

// sanitize: a usual answer takes a thousandth of the fuel.
var sanitize = guestcall.Func{
	Source: source, Name: "sanitize", Easy: value.Tuple{value.Str(""), value.Str("")},
	Limits: runtimes.Limits{CallFuel: 20e9, MemoryBytes: 1 << 30},
}

// All gives the program of each answer.
func All(ctx context.Context, rt runtimes.Runner, answers []Answer) ([]Program, error) {
	out := make([]Program, len(answers))
	var args []value.Tuple
	var parsed []int // which answers those are
	for i, a := range answers {
		if a.Rule != reached {
			out[i].Source = a.Rule.take(a.Text)
			continue
		}
		args, parsed = append(args, value.Tuple{value.Str(a.Text), value.Str(a.Entry)}), append(parsed, i)
	}
	if len(args) == 0 {
		return out, nil
	}
	results, err := sanitize.Each(ctx, rt, args)
	if err != nil {
		return nil, fmt.Errorf("taking the programs out of the answers: %w", err)
	}
	for k, r := range results {
		i := parsed[k]
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
