package runtimes

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Runner runs jobs. It is safe for concurrent use.
//
// emit is given each result of a job that has several (ModeCases), in order,
// before Run returns; false stops the job, with an outcome of kind OK. The error
// is a fault of ours, or ctx's own: never the program's doing.
type Runner interface {
	Run(ctx context.Context, job *Job, emit func(Result) bool) (Outcome, error)
}

// Languages that every runner has. Others are named as the runner names them.
const (
	Python = "python"
	Wasm   = "wasm" // a WebAssembly module that is a WASI command
)

// Job is everything that decides what a program does in the sandbox. The same
// job has the same outcome, wherever it runs.
type Job struct {
	_        struct{} `cbor:",toarray"`
	Language string
	Mode     Mode
	Program  Program
	Script   Script // of ModeScript, ModeShared and ModeInspect
	Tests    Tests  // of ModeTests and ModeInspect
	Inputs   []Input
	// Args and Stdin are a program's own, in ModeMain.
	Args   []string
	Stdin  []byte
	Limits Limits
	Seed   uint64 // of the random bytes that a module gets; Python's are part of its image
}

// Mode is what is done with a program.
type Mode string

const (
	// ModeMain runs it as a program with arguments and standard input. A program
	// that ends, by itself or by an exit, is OK; Outcome.Detail is its exit code in
	// decimal.
	ModeMain Mode = "main"
	// ModeCases loads it and applies its entry to each of Inputs, in order. Each
	// result is emitted before the next input goes out. Where input i fails,
	// exactly i results were emitted, their parts counted as one.
	ModeCases Mode = "cases"
	// ModeScript runs Script in a trusted instance of its own, whose calls travel
	// to the program's. Outcome is the program's, Outcome.Test the script's.
	ModeScript Mode = "script"
	// ModeShared runs the program and then Script in one interpreter, which is
	// weaker: a program can reach its test.
	ModeShared Mode = "shared"
	// ModeTests runs the program and a class of unit tests in one interpreter. The
	// outcome is OK when all came to an end, however.
	ModeTests Mode = "tests"
	// ModeInspect reads test code without running any of it: Outcome.Compiled is
	// Script's code, or Outcome.Names are the names of Tests.
	ModeInspect Mode = "inspect"
)

// Program is a candidate: a whole program, trusted by nobody.
type Program struct {
	_       struct{} `cbor:",toarray"`
	Source  string   // its text, or a module's bytes
	Name    string   // of its file, shown in tracebacks (default "solution.py" for Python)
	Entry   string   // the function to call; "" for a program that is only run
	Iterate bool     // a result that is an iterator is used up and given as its items
	Part    int      // ModeCases gives a list of more items in parts of so many; 0: whole
	// Before and After are run in the program's scope, around it: what a
	// benchmark imports for its programs, and how it comes by what it calls.
	// Lines are counted in Source alone. ModeCases and ModeMain know them.
	Before string
	After  string
	// Python is the version whose rules a Python program is held to: one of
	// PythonVersions, or "" for the runtime's own.
	Python string
}

// PythonVersions are the older Pythons that a program can be held to: as CPython of
// that version it evaluates annotations, and refuses newer syntax.
var PythonVersions = []string{"3.9", "3.10", "3.11", "3.12", "3.13"}

// PythonNative is what people call the runtime's own rules, in place of a version.
const PythonNative = "native"

// ParsePython reads what people call a version: Program.Python.
func ParsePython(name string) (string, error) {
	switch {
	case name == PythonNative:
		return "", nil
	case slices.Contains(PythonVersions, name):
		return name, nil
	}
	return "", fmt.Errorf("--python is %s or %s, not %q", strings.Join(PythonVersions, ", "), PythonNative, name)
}

// Input is one application of Program.Entry.
type Input struct {
	_    struct{} `cbor:",toarray"`
	Args []byte   // a tuple of positional arguments in Python's marshal format, version 2 (value.AppendMarshal)
	Fuel uint64   // budget of this input; 0: Limits.CallFuel
}

// Result is what one input gave, or a part of it. Raw is valid until emit
// returns.
type Result struct {
	_      struct{} `cbor:",toarray"`
	Input  int      // index of the input
	More   bool     // Raw is a list with Program.Part of the items; the next Result has those that follow
	Tagged bool     // Raw is in the tagged encoding of package value, not in marshal
	Long   uint64   // bytes of a value longer than Limits.ValueBytes: Raw is left out; else 0
	Raw    []byte   // the frame's payload as the guest wrote it (marshal version 2, or tagged)
	Fuel   uint64   // used by this input
	Total  uint64   // used by the program up to here, loading included
	Pages  uint32   // linear memory at this point
}

// Script is test code that a benchmark brings along.
type Script struct {
	_       struct{} `cbor:",toarray"`
	Helpers string   // executed first (a HumanEval prompt): what the tests need of it
	Test    string   // executed after Entry was bound; its AssertionError is a wrong answer
	Entry   string
	Fuel    uint64 // budget of the test; 0: Limits.CallFuel
	// Compiled is what ModeInspect gave for Helpers and Test, which takes longer
	// than most tests take to run; nil has ModeScript compile them. It fits
	// runtimes of the same identity only.
	Compiled []byte
	// Record asks for the transcript of a run in which both sides end well.
	Record bool
	// Transcript is such a run's. As long as the candidate gives the answers
	// that stand there, the test would do what it did then and need not run:
	// only an answer that differs starts it. Outcomes are those without it.
	Transcript *Transcript
}

// Transcript is what the test of a script and a candidate said to each other,
// up to the end of a test that passed. A test is deterministic, so another
// candidate that gives the same answers gets the same calls and passes too.
type Transcript struct {
	_         struct{} `cbor:",toarray"`
	Exchanges []Exchange
	Pages     uint32 // linear memory that the test took
	Output    uint64 // bytes that it wrote
}

// Exchange is a call and its answer, as they travel.
type Exchange struct {
	_            struct{} `cbor:",toarray"`
	Call, Answer []byte
}

// ExchangeBytes is what one exchange costs in memory beside what was said.
const ExchangeBytes = 64

// Weight is about how many bytes of memory it takes.
func (t *Transcript) Weight() int {
	if t == nil {
		return 0
	}
	sum := 0
	for _, e := range t.Exchanges {
		sum += ExchangeBytes + len(e.Call) + len(e.Answer)
	}
	return sum
}

// Tests is a class of unit tests that run in the candidate's own interpreter.
type Tests struct {
	_      struct{} `cbor:",toarray"`
	Source string   // follows the program's, in one module
	Class  string
	Fuel   uint64 // budget of all tests; 0: Limits.CallFuel
}

// MaxTests is how many unit tests a program can have recorded, and a class have.
const MaxTests = 1000
