package codeflow

import (
	"embed"
	"fmt"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/model"
)

// TraceVersion is the version of a line of traces.jsonl.
const TraceVersion = 1

// TracesName is the file of traces in a folder that codeflow wrote.
const TracesName = "traces.jsonl"

// Trace is one way from a task to a program that passes, or to none.
type Trace struct {
	Version int    `json:"version"`
	TaskID  string `json:"task_id"`
	Sample  int    `json:"sample"`  // the task's n-th trace, from 0
	Source  string `json:"source"`  // where the task is from: "humaneval+@v0.1.10", or "tasks"
	Prompt  string `json:"prompt"`  // the task, as the model is asked
	Entry   string `json:"entry"`   // the function that is asked for; "" where the task names none
	Runtime string `json:"runtime"` // identity of what ran the programs
	// Language of the programs, as a fence of markdown has it: "go". "" is
	// python, the one that codeflow has models write.
	Language string `json:"language,omitempty"`

	Overlap *Overlap `json:"overlap,omitempty"` // with a benchmark's problem
	Asides  []Aside  `json:"asides,omitempty"`  // what was asked beside the attempts
	Steps   []Step   `json:"steps"`             // in the order in which they were made
	Outcome Outcome  `json:"outcome"`
	Reason  string   `json:"reason,omitempty"`  // why it was dropped
	Quality *Quality `json:"quality,omitempty"` // of tests that the model wrote, where a program passed them
}

// Outcome is how a trace ended.
type Outcome string

const (
	Passed  Outcome = "passed"  // its last chosen step passed, and its tests are worth something
	Dropped Outcome = "dropped" // Trace.Reason says why
)

// Reasons for which a trace is dropped.
const (
	NeverPassed  = "never_passed"
	Contaminated = "contaminated" // the task is close to a benchmark's problem
	NoTask       = "no_task"      // no task could be read out of the model's answer
	TrivialTests = "trivial_tests"
	FlakyTests   = "flaky_tests"
	FewLines     = "few_lines"    // coverage below what was asked for
	FewBranches  = "few_branches" // likewise
	FewMutants   = "few_mutants"  // too few broken solutions are noticed
	LowMarks     = "low_marks"    // of the judge model
	NoMarks      = "no_marks"     // its answer could not be read
)

// Step is one attempt.
type Step struct {
	Iteration int  `json:"iteration"` // 0: nothing was known but the task
	Candidate int  `json:"candidate"` // the n-th of its iteration, from 0
	Chosen    bool `json:"chosen"`    // the best of its iteration: what the next one starts from

	Request     string       `json:"request_sha256"` // messages and all: model.Request.Key, hex
	Temperature float64      `json:"temperature"`
	Answer      string       `json:"answer"` // whole
	Finish      model.Finish `json:"finish"`
	Usage       model.Usage  `json:"usage"` // of the request; the first of the attempts that it brought has it

	Program       string           `json:"program"`                 // taken out of the answer
	ProgramSHA256 string           `json:"program_sha256"`          // hex
	Tests         string           `json:"tests,omitempty"`         // those that the model wrote, as they stood here
	Verdict       harness.Verdict  `json:"verdict"`                 // by the tests that the loop may see
	HeldOut       harness.Verdict  `json:"held_out,omitempty"`      // by those that it may not, where there are any
	Right         *int             `json:"right,omitempty"`         // tests, or inputs before the first that failed; nil: unknown
	Failure       *harness.Failure `json:"failure,omitempty"`       // of the tests that the loop may see; nil for a pass
	Feedback      string           `json:"feedback,omitempty"`      // what the next iteration is told about it; "": nothing
	Fuel          uint64           `json:"fuel"`                    // used in judging it
	Judged        string           `json:"judged_sha256,omitempty"` // harness.Record.Identity, where a suite's judge judged
}

// Overlap is what a task has in common with a benchmark's problem.
type Overlap struct {
	Problem string `json:"problem"`
	Words   string `json:"words"`
}

// Purposes of Asides.
const (
	MakeTask  = "task"  // the task is made of a snippet and concepts
	MarkTests = "marks" // a judge model marks the tests
)

// Aside is a request that is no attempt, and its answer. What is made once for
// all traces of a task stands in the first.
type Aside struct {
	Purpose string       `json:"purpose"`
	Request string       `json:"request_sha256"`
	Answer  string       `json:"answer"`
	Finish  model.Finish `json:"finish"`
	Usage   model.Usage  `json:"usage"`
}

// Verdicts that only attempts at written tasks get, beside the judge's own.
const (
	NoProgram harness.Verdict = "no_program" // the answer has no blocks to take them from
	NoTests   harness.Verdict = "no_tests"   // there is no test in what should be tests
)

// Last is the step that the trace ended with: nil where there is none. In a
// trace that passed it is the program that did.
func (t *Trace) Last() *Step {
	for i := len(t.Steps) - 1; i >= 0; i-- {
		if t.Steps[i].Chosen {
			return &t.Steps[i]
		}
	}
	return nil
}

// passedAll says whether an attempt passed all that it was judged by, what was held
// out included.
func (s *Step) passedAll() bool {
	return s.Verdict == harness.Pass && (s.HeldOut == "" || s.HeldOut == harness.Pass)
}

// Quality says what tests are worth, measured on the program that passed them.
type Quality struct {
	Tests        int    `json:"tests"`
	Lines        int    `json:"lines"` // of the program that can run
	LinesRun     int    `json:"lines_run"`
	Branches     int    `json:"branches"` // ways out of conditions: two each
	BranchesRun  int    `json:"branches_run"`
	Mutants      int    `json:"mutants"`           // broken programs that were tried
	MutantsFound int    `json:"mutants_found"`     // of these, those that failed a test
	Trivial      string `json:"trivial,omitempty"` // why the tests say nothing
	Flaky        string `json:"flaky,omitempty"`   // what differed under another seed and clock
	Marks        *Marks `json:"marks,omitempty"`   // by a judge model
	Fuel         uint64 `json:"fuel"`              // used in measuring
}

// Marks are a judge model's, from 1 to 5.
type Marks struct {
	Accuracy       int `json:"accuracy"`
	Effectiveness  int `json:"effectiveness"`
	Reasonableness int `json:"reasonableness"`
}

//go:embed schemas
var schemas embed.FS

// Schemas are the names that Schema knows.
var Schemas = []string{"traces", "stats"}

// Schema returns the JSON Schema of one line of traces.jsonl ("traces") or of
// stats.json ("stats").
func Schema(name string) ([]byte, error) {
	data, err := schemas.ReadFile("schemas/" + name + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("no schema is called %q: there are traces and stats", name)
	}
	return data, nil
}
