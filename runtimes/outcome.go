package runtimes

import (
	"strconv"

	"github.com/assay-dev/assay/internal/excerpt"
)

// Kind says how a stretch of guest execution ended. The strings are the words
// that verdicts use.
type Kind string

const (
	// OK: the guest did what it was asked to and returned.
	OK Kind = "ok"
	// Exception: the candidate raised; Outcome.Exception says what and where.
	Exception Kind = "exception"
	// SyntaxError: the candidate's source does not parse.
	SyntaxError Kind = "syntax_error"
	// CompileLimit: a compiler or an engine would have needed more than it may have
	// to compile the candidate; Outcome.Detail names the bound.
	CompileLimit Kind = "compile_limit"
	// NoResult: the guest ended (exit, return) before the result was there.
	NoResult Kind = "no_result"
	// ForgedResult: an extra or malformed frame on the private channel.
	ForgedResult Kind = "forged_result"
	// BadValue: a value that the closed encoding has no word for.
	BadValue Kind = "bad_value"
	// Trap: a WebAssembly trap that is none of the following.
	Trap Kind = "trap"
	// OutOfFuel: the budget was used up.
	OutOfFuel Kind = "out_of_fuel"
	// StackOverflow: the metered stack was used up.
	StackOverflow Kind = "stack_overflow"
	// OutOfMemory: the guest asked for more pages than its limit and then failed.
	OutOfMemory Kind = "out_of_memory"
	// OutputLimit: more than the cap was written to stdout or stderr.
	OutputLimit Kind = "output_limit"
	// FSLimit: more bytes, files or open files than the guest may have.
	FSLimit Kind = "fs_limit"
)

// What is kept of a guest's texts at most, in bytes. SPECIFICATION.md has the
// table.
const (
	MostName      = 200  // a type's, a test's, a file's: one line
	MostDetail    = 2000 // one line
	MostMessage   = 4000 // of an exception or a compiler
	MostTraceback = 12_000
)

// ExceptionInfo describes what a candidate raised. Its texts are cut and escaped
// (Outcome.Cut): a type is one line, messages and tracebacks may have several.
type ExceptionInfo struct {
	Type      string `json:"type"`
	Message   string `json:"message,omitempty"`
	Line      int    `json:"line,omitempty"` // in the candidate's own source, from 1; 0 when unknown
	Traceback string `json:"traceback,omitempty"`
}

// Outcome is everything that came of a job, beside the results that were emitted.
type Outcome struct {
	_         struct{} `cbor:",toarray"`
	Kind      Kind
	Exception *ExceptionInfo // for Exception and SyntaxError
	Detail    string         // one line, cut and escaped: the trap, the cap, the type without an encoding
	Fuel      uint64         // used in all, loading included
	Pages     uint32         // peak linear memory, pages of 64 KiB
	Stdout    []byte         // captured, capped
	Stderr    []byte

	// Of ModeScript. When Kind is not OK the candidate ended it, and Test says
	// nothing.
	Test       *Outcome
	Calls      int         // of the candidate, answered or not
	Transcript *Transcript // what Script.Record asked for; nil where a side failed, or where it would be longer than it is worth

	Tests    []TestResult // of ModeTests: those that ended before the program did, in order
	Compiled []byte       // of ModeInspect
	Names    []string     // of ModeInspect
}

// Known says whether there is such a kind.
func (k Kind) Known() bool {
	switch k {
	case OK, Exception, SyntaxError, CompileLimit, NoResult, ForgedResult, BadValue, Trap, OutOfFuel, StackOverflow, OutOfMemory, OutputLimit, FSLimit:
		return true
	}
	return false
}

// Cut cuts and escapes the texts that a guest wrote, but for what it wrote to
// stdout and stderr, which is compared. A worker does it with every outcome, and
// with each part of one that is kept before it ends. The names of ModeInspect
// are the benchmark's.
func (o *Outcome) Cut() {
	o.Detail = excerpt.Line(o.Detail, MostDetail)
	o.Exception.Cut(1)
	for i := range o.Tests {
		o.Tests[i].Cut(1)
	}
	if o.Test != nil {
		o.Test.Cut()
	}
}

// Cut cuts and escapes an exception's texts, to one nth of what may be kept of
// them.
func (x *ExceptionInfo) Cut(nth int) {
	if x != nil {
		x.Type = excerpt.Line(x.Type, MostName)
		x.Message = excerpt.Lines(x.Message, MostMessage/nth)
		x.Traceback = excerpt.Lines(x.Traceback, MostTraceback/nth)
	}
}

// Exited is the outcome of a program that may end as it likes: by itself, which
// is code 0, or by an exit.
func Exited(code uint32) Outcome {
	return Outcome{Kind: OK, Detail: strconv.FormatUint(uint64(code), 10)}
}

// TestResult is what became of one unit test, or of what belongs to none
// (setUpClass).
type TestResult struct {
	Name      string         `json:"name"`
	Outcome   TestOutcome    `json:"outcome"`
	Exception *ExceptionInfo `json:"exception,omitempty"` // where it raised
}

// Cut cuts and escapes a test's texts, as those of an exception.
func (r *TestResult) Cut(nth int) {
	r.Name = excerpt.Line(r.Name, MostName)
	r.Exception.Cut(nth)
}

// TestOutcome is unittest's word on a test.
type TestOutcome string

const (
	TestPass  TestOutcome = "pass"
	TestFail  TestOutcome = "fail"  // an assertion did not hold
	TestError TestOutcome = "error" // something else was raised
	TestSkip  TestOutcome = "skip"
)

// Known says whether there is such a word.
func (o TestOutcome) Known() bool {
	return o == TestPass || o == TestFail || o == TestError || o == TestSkip
}
