package extract

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/harness/guestcall"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

//go:embed sanitize.py
var sanitizeSource string

//go:embed best.py
var bestSource string

// Answer is what a model wrote, and the function that was asked for.
type Answer struct {
	Text   string
	Entry  string // "": a program that reads standard input
	Prompt string // what an answer may be the body of; may be ""
	Rule   Rule
}

// Rule is how the program is found in an answer. The names are the command line's.
type Rule string

const (
	Best     Rule = "best"     // ours: what a person would take; see best.py
	Evalplus Rule = "evalplus" // evalplus 0.3.1's: the longest stretch of Python, and of that the imports and what Entry reaches
	LCB      Rule = "lcb"      // lcb_runner's since December 2024: what is between the last two lines with a fence, or nothing
	Last     Rule = "last"     // the last block between fences, closed or not, or nothing
	Whole    Rule = "whole"    // everything, without the space around it; lcb_runner's for base models
)

// Rules are all of them.
var Rules = []Rule{Best, Evalplus, LCB, Last, Whole}

// ParseRule reads a rule's name.
func ParseRule(name string) (Rule, error) {
	if slices.Contains(Rules, Rule(name)) {
		return Rule(name), nil
	}
	return "", fmt.Errorf("no rule takes programs out of answers that is called %q: there are best, evalplus, lcb, last and whole", name)
}

// take applies a rule that needs no parsing.
func (r Rule) take(text string) string {
	if r == Whole {
		return strings.TrimSpace(text)
	}
	lines := strings.Split(text, "\n")
	var fences []int
	for i, line := range lines {
		if strings.Contains(line, "```") {
			fences = append(fences, i)
		}
	}
	n := len(fences)
	switch {
	case r == Last && n%2 == 1: // nobody closed it
		return strings.Join(lines[fences[n-1]+1:], "\n")
	case n < 2:
		return ""
	}
	return strings.Join(lines[fences[n-2]+1:fences[n-1]], "\n")
}

// Program is what was found in an answer.
type Program struct {
	Source string // the answer itself where nothing was found within the limits
	Why    string // which limit it was; "" when all went well
	// Wrong says why there is no program, Source being "", or what keeps it from
	// being Python; "" when nothing does. Only Best says so.
	Wrong string
}

// The rules that parse. A usual answer takes a thousandth of the fuel.
var parsing = map[Rule]guestcall.Func{
	Evalplus: {Source: sanitizeSource, Name: "sanitize", Easy: value.Tuple{value.Str(""), value.Str("")}, Limits: limits},
	Best:     {Source: bestSource, Name: "best", Easy: value.Tuple{value.Str(""), value.Str(""), value.Str("")}, Limits: limits},
}

var limits = runtimes.Limits{CallFuel: 20e9, MemoryBytes: 1 << 30}

// All gives the program of each answer.
func All(ctx context.Context, rt runtimes.Runner, answers []Answer) ([]Program, error) {
	out := make([]Program, len(answers))
	args := map[Rule][]value.Tuple{}
	at := map[Rule][]int{} // which answers those are
	for i, a := range answers {
		one := value.Tuple{value.Str(a.Text), value.Str(a.Entry)}
		switch a.Rule {
		case Evalplus:
		case Best:
			one = append(one, value.Str(a.Prompt))
		default:
			out[i].Source = a.Rule.take(a.Text)
			continue
		}
		args[a.Rule], at[a.Rule] = append(args[a.Rule], one), append(at[a.Rule], i)
	}
	for _, rule := range Rules {
		if len(args[rule]) == 0 {
			continue
		}
		results, err := parsing[rule].Each(ctx, rt, args[rule])
		if err != nil {
			return nil, fmt.Errorf("taking the programs out of the answers: %w", err)
		}
		for k, r := range results {
			i := at[rule][k]
			if r.Why != "" {
				out[i] = Program{Source: answers[i].Text, Why: r.Why}
			} else if out[i], err = programOf(r.Value); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// Pair is a program with the tests that a model wrote for it; "" for what an
// answer has not.
type Pair struct{ Program, Tests string }

var apart = guestcall.Func{Source: bestSource, Name: "apart", Easy: value.Tuple{value.Str("")}, Limits: limits}

// Pairs gives the program and the tests of each answer, told by what they are.
func Pairs(ctx context.Context, rt runtimes.Runner, answers []string) ([]Pair, error) {
	args := make([]value.Tuple, len(answers))
	for i, text := range answers {
		args[i] = value.Tuple{value.Str(text)}
	}
	results, err := apart.Each(ctx, rt, args)
	if err != nil {
		return nil, fmt.Errorf("taking programs and tests out of the answers: %w", err)
	}
	out := make([]Pair, len(answers))
	for i, r := range results {
		if r.Why != "" {
			continue // too much to read: as if it had neither
		}
		program, tests, ok := twoTexts(r.Value)
		if !ok {
			return nil, fmt.Errorf("taking programs and tests out of the answers: one came back as %T", r.Value)
		}
		out[i] = Pair{program, tests}
	}
	return out, nil
}

// programOf reads what a rule returned: a program, or one with what is wrong with it.
func programOf(v value.Value) (Program, error) {
	if source, ok := v.(value.Str); ok {
		return Program{Source: string(source)}, nil
	}
	source, wrong, ok := twoTexts(v)
	if !ok {
		return Program{}, fmt.Errorf("taking the programs out of the answers: one came back as %T", v)
	}
	return Program{Source: source, Wrong: wrong}, nil
}

// twoTexts reads a tuple of two strings.
func twoTexts(v value.Value) (a, b string, ok bool) {
	pair, ok := v.(value.Tuple)
	if !ok || len(pair) != 2 {
		return "", "", false
	}
	first, ok1 := pair[0].(value.Str)
	second, ok2 := pair[1].(value.Str)
	return string(first), string(second), ok1 && ok2
}
