package peers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/assay-dev/assay/benchmarks"
)

// peer is another harness.
type peer struct {
	name string
	// claims says whether an entry of a file of samples is in its form, and read
	// takes the samples out of such an entry.
	claims func(entry) bool
	read   func(*reader, entry) error
	// source says what is known of a file by its first entry; nil where its own
	// results are written anyway, or never.
	source func(first entry, path string, s *benchmarks.Suite) *Source
	files  []file
}

// file is one that a peer leaves of a run.
type file struct {
	name   string
	wanted func(*Run) bool
	write  func(*Run, io.Writer) error
}

// The names of the peers that a Source may have.
const (
	LMEval  = "lm-evaluation-harness"
	BigCode = "bigcode-evaluation-harness"
)

// table has all peers, in the order in which their files are listed. It is
// filled by init, because the readers refer to it.
var table []peer

func init() {
	table = []peer{
		{name: "evalplus", claims: isEvalplusRow, read: readEvalplusRow, files: evalplusFiles},
		{name: BigCode, claims: isGenerations, read: readGenerations, source: generationsSource, files: bigCodeFiles},
		{name: LMEval, claims: isResponse, read: readResponse, source: responseSource, files: lmEvalFiles},
		{name: "LiveCodeBench", claims: isCodeList, read: readCodeList, files: lcbFiles},
		{name: "BigCodeBench", claims: func(entry) bool { return false }, files: bigCodeBenchFiles}, // its samples are evalplus's
	}
}

// Source says which harness wrote a file of samples, and what the results that
// it would have written are called.
type Source struct {
	Harness string   `json:"harness"` // LMEval or BigCode
	Task    string   `json:"task"`
	Filter  string   `json:"filter,omitempty"`  // of lm-evaluation-harness
	Metrics []string `json:"metrics,omitempty"` // the same
}

// Run is a run that was judged, as far as any peer tells of it.
type Run struct {
	Suite  *benchmarks.Suite
	Compat benchmarks.Compat
	Tasks  []Task // in the suite's order

	Assay   string // version of the program that judged
	Runtime string // what ran the programs

	// PassAtK are the scores by input set, then by k; Strictest names the set whose
	// score counts.
	PassAtK   map[string]map[int]float64
	Strictest string
	// Score is the score that counts, for another k; false where some task has too
	// few samples for it. Estimate is pass@k of one task with n samples, c of them
	// right.
	Score    func(k int) (Estimate, bool)
	Estimate func(n, c, k int) float64

	Source       *Source       // whose samples these are; may be nil
	BigCodeBench *BigCodeBench // has its files written too; may be nil
	// Runnable says of which tasks the canonical solution passes here; nil where
	// that isn't known.
	Runnable map[string]bool
}

// Estimate is a mean over tasks.
type Estimate struct {
	Mean     float64
	Error    float64 // standard error of the mean
	HasError bool    // false: there are too few tasks for one
}

// Task is a problem with its samples.
type Task struct {
	Problem *benchmarks.Problem
	Samples []*Sample // those that are equal may be one
}

// Sample is a program with what came of it.
type Sample struct {
	Solution string
	Verdict  Verdict
	Base     Verdict // of each input set; "" where it was not run
	Plus     Verdict
	Fuel     uint64
	Tests    int // how many tests the problem has, where a data set brings outputs with its inputs

	Failure     *Failure // what went wrong first; nil for a pass
	PlusFailure *Failure // the same on the plus inputs, where Failure is of the base inputs
	Failed      []TestFailure
}

// Verdict is the harness's word for what came of a program.
type Verdict string

// The verdicts that some peer tells from others.
const (
	Pass        Verdict = "pass"
	WrongAnswer Verdict = "wrong_answer"
	OutOfFuel   Verdict = "out_of_fuel"
	NoResult    Verdict = "no_result"
	Trap        Verdict = "trap"
	InfraError  Verdict = "infra_error" // a fault of ours
)

// Failure is the first thing that went wrong.
type Failure struct {
	Set                    string // of inputs
	Input                  *int   // index within the set
	Args, Expected, Actual string
	Exception              *Exception
	Detail                 string
}

// Exception is what a program raised.
type Exception struct{ Type, Message, Traceback string }

// TestFailure is a unit test that failed or raised.
type TestFailure struct {
	Test      string
	Exception *Exception
}

// Writing writes a file.
type Writing func(io.Writer) error

// Whole writes a file whose bytes are there.
func Whole(data []byte) Writing {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

// whole is the write of a file that is short enough to be made at once.
func whole(encode func(*Run) ([]byte, error)) func(*Run, io.Writer) error {
	return func(r *Run, w io.Writer) error {
		data, err := encode(r)
		if err != nil {
			return err
		}
		return Whole(data)(w)
	}
}

// Render makes a run's files, one after the other: those of the peers that the
// suite or the samples are of.
func Render(r *Run, visit func(name string, write Writing) error) error {
	for _, p := range table {
		for _, f := range p.files {
			if !f.wanted(r) {
				continue
			}
			err := visit(f.name, func(w io.Writer) error {
				if err := f.write(r, w); err != nil {
					return fmt.Errorf("%s: %w", f.name, err)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Files names the files of peers that a folder has.
func Files(folder string) []string {
	var names []string
	for _, p := range table {
		for _, f := range p.files {
			if _, err := os.Lstat(filepath.Join(folder, f.name)); err == nil {
				names = append(names, f.name)
			}
		}
	}
	return names
}

func always(*Run) bool { return true }

// isFrom: a peer's results are written for those who gave its samples.
func isFrom(harness string) func(*Run) bool {
	return func(r *Run) bool { return r.Source != nil && r.Source.Harness == harness }
}

// indented is JSON as Python's json.dumps has it with an indent.
func indented(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	err := e.Encode(v)
	return b.Bytes(), err
}
