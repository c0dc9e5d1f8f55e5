package harness

import "github.com/assay-dev/assay/runtimes"

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

	// TestCount is how many tests there are of the problem, where a data set brings
	// inputs with the output that they have to give.
	TestCount int `json:"test_count,omitempty"`

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
