package benchmarks

import (
	"errors"
	"fmt"
	"github.com/assay-dev/assay/internal/jsonl"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// OutputRule is how what a program printed is held against what it had to.
type OutputRule struct {
	Name string // one of the names below

	// Of Tokens. Where the expected word is a number with a fraction or an
	// exponent, another may differ by so much, absolutely or relative to it; an
	// integer is only as good as its equal. 0: the same words.
	Tolerance float64
	// Of Tokens: YES is yes, in ASCII.
	IgnoreCase bool
}

// The rules for output.
const (
	// Lines is LiveCodeBench's: without the space around the whole and around
	// each line there are as many lines, and each is the same, or its words are
	// all numbers, and exactly equal ones.
	Lines = "lines"
	// Tokens: the same words, however they are divided.
	Tokens = "tokens"
	// Exact: the same text, but for space at the very end.
	Exact = "exact"
)

// OutputRules are the names of the rules.
var OutputRules = []string{Lines, Tokens, Exact}

func (r OutputRule) check() error {
	switch {
	case r.Name != "" && !slices.Contains(OutputRules, r.Name):
		return fmt.Errorf("no rule for output is called %s (there are %s)", jsonl.Quote(r.Name), strings.Join(OutputRules, ", "))
	case (r.Tolerance != 0 || r.IgnoreCase) && r.Name != Tokens:
		return fmt.Errorf("a tolerance, and ignoring case, go with \"compare\": %q alone", Tokens)
	case r.Name == "":
		return errors.New("there is no rule for output")
	case !(r.Tolerance >= 0) || math.IsInf(r.Tolerance, 0):
		return fmt.Errorf("tolerance %v: want a number from 0", r.Tolerance)
	}
	return nil
}

// Equal holds output against what is expected; where it is another, it says in
// what.
func (r OutputRule) Equal(expected, actual string) (bool, string) {
	switch r.Name {
	case Lines:
		return equalLines(expected, actual)
	case Tokens:
		return r.equalTokens(expected, actual)
	}
	if strings.TrimRightFunc(expected, isSpace) == strings.TrimRightFunc(actual, isSpace) {
		return true, ""
	}
	return false, fmt.Sprintf("line %d differs", firstDifference(strings.Split(expected, "\n"), strings.Split(actual, "\n")))
}

// equalLines compares as lcb_runner does (grade_stdio in
// evaluation/testing_util.py).
func equalLines(expected, actual string) (bool, string) {
	want, got := strippedLines(expected), strippedLines(actual)
	if len(want) != len(got) {
		return false, fmt.Sprintf("%d lines, want %d", len(got), len(want))
	}
	for i := range want {
		if want[i] != got[i] && !equalDecimals(want[i], got[i]) {
			return false, fmt.Sprintf("line %d differs", i+1)
		}
	}
	return true, ""
}

func strippedLines(s string) []string {
	lines := strings.Split(strings.TrimFunc(s, isSpace), "\n")
	for i := range lines {
		lines[i] = strings.TrimFunc(lines[i], isSpace)
	}
	return lines
}

// isSpace is Python's str.isspace, of one character.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// equalDecimals says whether two lines are made of numbers, and those are equal
// one by one.
func equalDecimals(expected, actual string) bool {
	want, got := strings.FieldsFunc(expected, isSpace), strings.FieldsFunc(actual, isSpace)
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		w, ok := parseDecimal(want[i])
		g, ok2 := parseDecimal(got[i])
		if !ok || !ok2 || w != g || w.kind == notANumber {
			return false
		}
	}
	return true
}

func (r OutputRule) equalTokens(expected, actual string) (bool, string) {
	if r.IgnoreCase {
		expected, actual = asciiLower(expected), asciiLower(actual)
	}
	want, got := strings.FieldsFunc(expected, isSpace), strings.FieldsFunc(actual, isSpace)
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] && !(r.Tolerance > 0 && r.close(want[i], got[i])) {
			return false, fmt.Sprintf("word %d differs", i+1)
		}
	}
	if len(want) != len(got) {
		return false, fmt.Sprintf("%d words, want %d", len(got), len(want))
	}
	return true, ""
}

// close says whether both are numbers within the tolerance.
func (r OutputRule) close(expected, actual string) bool {
	if exact, ok := parseDecimal(expected); ok && !strings.ContainsAny(expected, ".eE") {
		other, ok := parseDecimal(actual)
		return ok && exact == other && exact.kind == finite
	}
	w, err := strconv.ParseFloat(expected, 64)
	g, err2 := strconv.ParseFloat(actual, 64)
	if err != nil || err2 != nil || math.IsNaN(w) || math.IsNaN(g) || math.IsInf(w, 0) || math.IsInf(g, 0) {
		return false
	}
	return math.Abs(g-w) <= float64(r.Tolerance*max(1, math.Abs(w)))
}

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// firstDifference gives the number of the first item that differs, from 1.
func firstDifference(a, b []string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i + 1
		}
	}
	return min(len(a), len(b)) + 1
}
