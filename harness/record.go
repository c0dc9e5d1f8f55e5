package harness

import (
	"cmp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/runtimes"
)

// RecordVersion is the version of results.jsonl's lines.
const RecordVersion = 1

// Record is one line of results.jsonl: one judged sample.
type Record struct {
	Version   int     `json:"version"`
	TaskID    string  `json:"task_id"`
	Sample    int     `json:"sample"`
	Verdict   Verdict `json:"verdict"`
	Base      Verdict `json:"base,omitempty"` // verdict of each input set, where the suite has them
	Plus      Verdict `json:"plus,omitempty"`
	Oracle    string  `json:"oracle"`
	Fuel      uint64  `json:"fuel"`      // used in all
	Pages     uint32  `json:"pages"`     // peak linear memory, pages of 64 KiB
	Candidate string  `json:"candidate"` // sha-256 of the solution, hex
	Identity  string  `json:"identity"`  // sha-256 over candidate, problem, runtime, limits, schedule, compat, judge and driver versions

	// Tests are the unit tests that came to an end, where the oracle is unittest
	// and the suite has such.
	Tests []runtimes.TestResult `json:"tests,omitempty"`
	// TestsLeft is how many more there are that a record has no room for.
	TestsLeft int `json:"tests_left,omitempty"`

	// TestCount is how many tests there are of the problem, where a data set brings
	// inputs with the output that they have to give.
	TestCount int `json:"test_count,omitempty"`

	// OwnSolution says how the task's own solution fails its own tests; "" where it
	// doesn't, or where nobody can know.
	OwnSolution string `json:"own_solution,omitempty"`

	// Failure says what went wrong first; nil for a pass.
	Failure *Failure `json:"failure,omitempty"`
	// PlusFailure says what went wrong first on the plus inputs, where Failure is
	// of the base inputs.
	PlusFailure *Failure `json:"plus_failure,omitempty"`
}

// Failure is the first thing that went wrong, in all or in an input set.
type Failure struct {
	Set       string                  `json:"set,omitempty"`      // "base" or "plus"
	Input     *int                    `json:"input,omitempty"`    // index within the set
	Args      string                  `json:"args,omitempty"`     // the input, capped: arguments as Python source, or for stdio what was read
	Expected  string                  `json:"expected,omitempty"` // capped
	Actual    string                  `json:"actual,omitempty"`   // capped
	Exception *runtimes.ExceptionInfo `json:"exception,omitempty"`
	Detail    string                  `json:"detail,omitempty"`
}

// MostRecord is the most that a record takes as a line, in bytes.
const MostRecord = 64 << 10

// What is kept of a failure's texts at most, in bytes: mostShown of an input or a
// value, as judges make them. mostTests is the room for unit tests in a record, as
// JSON.
const (
	mostShown = 2100
	mostTests = 24 << 10
)

// Bounded is the record with its texts cut and escaped, so that it is no longer
// than MostRecord whatever a program did. What is cut already stays as it is.
func (r Record) Bounded() Record {
	if len(r.Tests) > 0 {
		r.boundTests()
	}
	r.OwnSolution = excerpt.Line(r.OwnSolution, runtimes.MostDetail)
	for nth := 1; ; nth *= 4 {
		r.Failure, r.PlusFailure = r.Failure.cut(nth), r.PlusFailure.cut(nth)
		if nth > 64 || jsonSize(r) < MostRecord {
			return r
		}
	}
}

// cut is the failure with one nth of what may be kept of each text.
func (f *Failure) cut(nth int) *Failure {
	if f == nil {
		return nil
	}
	c := *f
	c.Set = excerpt.Line(c.Set, runtimes.MostName)
	for _, text := range []*string{&c.Args, &c.Expected, &c.Actual} {
		*text = excerpt.Lines(*text, mostShown/nth)
	}
	c.Detail = excerpt.Line(c.Detail, runtimes.MostDetail/nth)
	if x := c.Exception; x != nil {
		own := *x
		own.Cut(nth)
		c.Exception = &own
	}
	return &c
}

// boundTests shortens what the tests raised until they fit. Where their names
// alone don't, those that passed are left out first, from the end.
func (r *Record) boundTests() {
	tests := slices.Clone(r.Tests)
	for nth := 1; ; nth *= 4 {
		for i := range tests {
			if x := tests[i].Exception; x != nil {
				own := *x
				tests[i].Exception = &own
			}
			tests[i].Cut(nth)
		}
		if nth > 64 || jsonSize(tests) <= mostTests {
			break
		}
	}
	left := jsonSize(tests) - mostTests
	for _, passed := range []bool{true, false} {
		for i := len(tests) - 1; i >= 0 && left > 0; i-- {
			if (tests[i].Outcome == runtimes.TestPass) == passed {
				left -= jsonSize(tests[i]) + len(",")
				tests = slices.Delete(tests, i, i+1)
				r.TestsLeft++
			}
		}
	}
	r.Tests = tests
}

// jsonSize is the length of a value as a line of a file has it.
func jsonSize(v any) int {
	line, err := jsonl.Marshal(v)
	if err != nil {
		panic(err) // it is texts and numbers
	}
	return len(line)
}

// Verdict is the judge's word on one sample.
type Verdict string

const (
	Pass          Verdict = "pass"
	WrongAnswer   Verdict = "wrong_answer"
	Exception     Verdict = Verdict(runtimes.Exception)
	SyntaxError   Verdict = Verdict(runtimes.SyntaxError)
	CompileLimit  Verdict = Verdict(runtimes.CompileLimit)
	NoResult      Verdict = Verdict(runtimes.NoResult)
	ForgedResult  Verdict = Verdict(runtimes.ForgedResult)
	BadValue      Verdict = Verdict(runtimes.BadValue)
	Trap          Verdict = Verdict(runtimes.Trap)
	OutOfFuel     Verdict = Verdict(runtimes.OutOfFuel)
	StackOverflow Verdict = Verdict(runtimes.StackOverflow)
	OutOfMemory   Verdict = Verdict(runtimes.OutOfMemory)
	OutputLimit   Verdict = Verdict(runtimes.OutputLimit)
	FSLimit       Verdict = Verdict(runtimes.FSLimit)
	// InfraError is a fault of ours: retried, left out of scores, shown.
	InfraError Verdict = "infra_error"
)

// Known says whether there is such a verdict.
func (v Verdict) Known() bool {
	switch v {
	case Pass, WrongAnswer, InfraError:
		return true
	}
	return v != Verdict(runtimes.OK) && runtimes.Kind(v).Known()
}

// CompareTasks orders task ids as people do: "Mbpp/9" before "Mbpp/10". Runs
// of digits compare as numbers of any size, the rest as bytes; ids that differ
// only in leading zeros fall back to their bytes, so the order is total.
func CompareTasks(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		dx, dy := digits(x), digits(y)
		if dx > 0 && dy > 0 {
			if c := compareNumbers(x[:dx], y[:dy]); c != 0 {
				return c
			}
			x, y = x[dx:], y[dy:]
			continue
		}
		if x[0] != y[0] {
			return cmp.Compare(x[0], y[0])
		}
		x, y = x[1:], y[1:]
	}
	if c := cmp.Compare(len(x), len(y)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}
