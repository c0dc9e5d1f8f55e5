package worker

import (
	"errors"
	"fmt"
	"slices"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/confine"
	"github.com/assay-dev/assay/runtimes/python"
)

// protocol is the version of what both ends say. They are the same executable,
// so that another one is found out and not spoken.
const protocol = "assay apart/1"

// Kinds of frames. On the first connection:
const (
	kindSetup    = 'c' // parent: Setup, once
	kindProgress = 'p' // child: progress, any number
	kindReady    = 'o' // child: ready, once; then it waits for the end of this connection
	kindFailed   = 'e' // child: a text; the runtime could not be opened
)

// On the others, one call at a time:
const (
	kindCall    = 'q' // parent: call
	kindStop    = 's' // parent: the number of a call that nobody waits for any more
	kindResults = 'r' // child: []result, as they come
	kindDone    = 'd' // child: done, the last of each call
)

// Setup says what the child is to open.
type Setup struct {
	Protocol  string
	Cache     string // root folder
	Wheel     string // path; "" for pip's
	Engine    string // name; "" for the default
	Libraries string // set of libraries, by name; "" for none
	Programs  int    // at a time
	Memory    uint64 // the most that one program may have, in bytes
	NoWalls   bool   // leave the process open to the machine
	Probe     bool   // open nothing: raise the walls and say which stand
}

type progress struct {
	_           struct{} `cbor:",toarray"`
	Stage       string
	Done, Total int64
}

type ready struct {
	Name, Identity string
	Walls          []confine.Wall
}

// method is what a call asks for.
type method uint8

const (
	runCases method = iota
	compile
	runScript
	runShared
	runTests
	testNames
	runMain
)

// call is everything that the runtime is given.
type call struct {
	_       struct{} `cbor:",toarray"`
	Number  uint64
	Method  method
	Program python.Program
	Script  python.Script
	Tests   python.Tests
	Limits  runtimes.Limits
	Inputs  [][]byte // of runCases: the arguments,
	Fuel    []uint64 // and the budgets
	Argv    []string // of runMain
	Stdin   []byte
}

// key tells programs apart.
func (c *call) key() string {
	switch c.Method {
	case compile:
		return "test:" + c.Script.Helpers + "\x00" + c.Script.Test
	case testNames:
		return "names:" + c.Tests.Source
	}
	return "program:" + c.Program.Source
}

// budget is the most fuel that the call may use until something comes of it:
// until it ends, or for cases until the next result.
func (c *call) budget() uint64 {
	most := uint64(0)
	for _, f := range c.Fuel {
		most = max(most, f)
	}
	return c.Limits.LoadFuel + max(c.Limits.CallFuel, most) + c.Script.Fuel + c.Tests.Fuel
}

// mostAnswer bounds a frame of the answer, in bytes: one value beside a batch,
// or what two programs wrote and raised.
func (c *call) mostAnswer() uint64 {
	return c.Limits.ValueBytes + 4*c.Limits.OutputBytes + 16<<20
}

// result is python.Result, row by row.
type result struct {
	_            struct{} `cbor:",toarray"`
	More, Tagged bool
	Raw          []byte
	Fuel, Total  uint64
	Pages        uint32
}

// done ends a call.
type done struct {
	Fault    string `cbor:",omitempty"` // a fault of ours, in words; nothing else counts then
	Stopped  bool   `cbor:",omitempty"` // the fault is that the call was stopped
	Outcome  runtimes.Outcome
	Test     runtimes.Outcome // of a script
	Calls    int
	Compiled []byte `cbor:",omitempty"`
	// Results are those of unit tests, and Names their names.
	Results []runtimes.TestResult `cbor:",omitempty"`
	Names   []string              `cbor:",omitempty"`
	// Transcript is what a script that asked for one said.
	Transcript *python.Transcript `cbor:",omitempty"`
}

// maxPages is the most linear memory there is, pages of 64 KiB.
const maxPages = 65536

// kinds are the words that an outcome may use.
var kinds = map[runtimes.Kind]bool{
	runtimes.OK: true, runtimes.Exception: true, runtimes.SyntaxError: true, runtimes.NoResult: true,
	runtimes.ForgedResult: true, runtimes.BadValue: true, runtimes.Trap: true, runtimes.OutOfFuel: true,
	runtimes.StackOverflow: true, runtimes.OutOfMemory: true, runtimes.OutputLimit: true, runtimes.FSLimit: true,
}

// check refuses what no runtime says.
func (d *done) check(c *call) error {
	outcomes := []runtimes.Outcome{d.Outcome}
	switch {
	case c.Method == compile:
		return nil
	case max(len(d.Results), len(d.Names)) > python.MaxResults:
		return fmt.Errorf("more than %d unit tests", python.MaxResults)
	case slices.ContainsFunc(d.Results, func(r runtimes.TestResult) bool { return !r.Outcome.Known() }):
		return errors.New("a unit test with an outcome that there is not")
	case c.Method == testNames:
		return nil
	case d.Transcript != nil && !c.Script.Record:
		return errors.New("a transcript that nobody asked for")
	case c.Method == runScript && d.Outcome.Kind == runtimes.OK:
		outcomes = append(outcomes, d.Test)
	}
	for _, o := range outcomes {
		switch {
		case !kinds[o.Kind]:
			return fmt.Errorf("an outcome called %q", o.Kind)
		case o.Pages > maxPages:
			return fmt.Errorf("%d pages of memory", o.Pages)
		case uint64(max(len(o.Stdout), len(o.Stderr))) > c.Limits.OutputBytes:
			return fmt.Errorf("%d and %d bytes of output; at most %d", len(o.Stdout), len(o.Stderr), c.Limits.OutputBytes)
		}
	}
	return nil
}
