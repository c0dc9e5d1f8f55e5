package python

import (
	"strings"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/value"
)

// Program is a candidate: a whole program, trusted by nobody.
type Program struct {
	Source   string
	Entry    string // the function to call; "" for a program that is only run
	Filename string // shown in tracebacks; default "solution.py"
	Iterate  bool   // a result that is an iterator is used up and given as its items
	Part     int    // RunCases gives a list of more items in parts of so many; 0: whole
	// Before and After are run in the program's scope, around it: what a
	// benchmark imports for its programs, and how it comes by what it calls.
	// Lines are counted in Source alone. RunCases and RunMain know them.
	Before, After string
}

// text is what the interpreter gets.
func (p Program) text() string {
	if p.Before == "" && p.After == "" {
		return p.Source
	}
	return p.Before + p.Source + "\n\n" + p.After
}

// sources has the program's lines, as those of a file that others stand beside.
func (p Program) sources() sources {
	return sources{p.filename(): {text: p.Source, above: strings.Count(p.Before, "\n")}}
}

// DefaultFilename is how a program without a name appears in tracebacks.
const DefaultFilename = "solution.py"

func (p Program) filename() string {
	if p.Filename == "" {
		return DefaultFilename
	}
	return p.Filename
}

// Input is one application of Program.Entry.
type Input struct {
	Args []byte // a tuple of positional arguments in Python's marshal format, version 2 (value.AppendMarshal)
	Fuel uint64 // budget of this input; 0: Limits.CallFuel
}

// Result is what one input gave, or a part of it. Raw is valid until the visitor
// returns.
type Result struct {
	More   bool   // Raw is a list with Program.Part of the items; the next Result has those that follow
	Raw    []byte // the frame's payload as the guest wrote it (marshal version 2, or tagged)
	Tagged bool   // Raw is in the tagged encoding of package value, not in marshal
	Fuel   uint64 // used by this input
	Total  uint64 // used by the program up to here, loading included
	Pages  uint32 // linear memory at this point
}

// Decode gives the value, within the limits.
func (r Result) Decode(lim runtimes.Limits) (value.Value, error) { return decodeResult(r, lim) }

func decodeResult(r Result, lim runtimes.Limits) (value.Value, error) {
	b := bounds(lim.WithDefaults())
	if r.Tagged {
		return value.DecodeTagged(r.Raw, b)
	}
	return value.Decode(r.Raw, b)
}

func bounds(lim runtimes.Limits) value.Bounds {
	return value.Bounds{Bytes: int(lim.ValueBytes), Nodes: int(lim.ValueNodes), Depth: int(lim.ValueDepth)}
}

// Script is test code that runs apart from the candidate, in a trusted instance.
type Script struct {
	Helpers string // executed first (a HumanEval prompt): what the tests need of it
	Test    string // executed after Entry was bound to the stand-in; its AssertionError is a wrong answer
	Entry   string
	Fuel    uint64 // budget of the trusted instance; 0: Limits.CallFuel
	// Compiled is what Compile gave for Helpers and Test, which takes longer than
	// most tests take to run; nil has RunScript compile them.
	Compiled []byte
	// Record asks for the transcript of a run in which both sides end well.
	Record bool
	// Transcript is such a run's. As long as the candidate gives the answers
	// that stand there, the test would do what it did then and need not run:
	// only an answer that differs starts it. Outcomes are those without it.
	Transcript *Transcript
}

// ScriptOutcome is what came of a script. When Candidate.Kind is not OK the
// candidate ended it, and Test says nothing.
type ScriptOutcome struct {
	Candidate runtimes.Outcome
	Test      runtimes.Outcome
	Calls     int // of the candidate, answered or not
	// Transcript is what Script.Record asked for; nil where a side failed, or
	// where it would be longer than it is worth.
	Transcript *Transcript
}
