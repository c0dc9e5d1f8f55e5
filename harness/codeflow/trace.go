package codeflow

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
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
	contaminated = "contaminated" // the task is close to a benchmark's problem
	noTask       = "no_task"      // no task could be read out of the model's answer
	trivialTests = "trivial_tests"
	flakyTests   = "flaky_tests"
	fewLines     = "few_lines"    // coverage below what was asked for
	fewBranches  = "few_branches" // likewise
	fewMutants   = "few_mutants"  // too few broken solutions are noticed
	lowMarks     = "low_marks"    // of the judge model
	noMarks      = "no_marks"     // its answer could not be read
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
	makeTask  = "task"  // the task is made of a snippet and concepts
	markTests = "marks" // a judge model marks the tests
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

// Bounds of what is read back: a trace, in bytes, and its steps. A trace of five
// iterations is usually below 100 KB.
const (
	maxTrace = 64 << 20
	maxSteps = 10_000
)

// LineIsLost says what becomes of a line of traces.jsonl that is no trace.
const LineIsLost = "the line is left out (codeflow with the same command writes the file again)"

// ReadTraces visits the traces of a folder of codeflow's, or of a file, plain or
// gzipped, in order. One is in memory at a time; errors name the file and the
// line. Of a line that is no trace damaged is told.
func ReadTraces(ctx context.Context, path string, visit func(*Trace) error, damaged func(error)) error {
	f, at, err := plainfile.OpenOrIn(ctx, path, TracesName)
	if err != nil {
		return err
	}
	defer f.Close()
	return readTraces(at, f, visit, damaged)
}

func readTraces(name string, in io.Reader, visit func(*Trace) error, damaged func(error)) error {
	r, err := jsonl.NewReader(name, in, jsonl.Bounds{Line: maxTrace, Total: 1 << 40})
	if err != nil {
		return err
	}
	for line, err := range r.Salvage() {
		if err != nil && !jsonl.IsDamaged(err) {
			return err
		}
		var t *Trace
		if err == nil {
			if t, err = decodeTrace(line); err != nil {
				err = r.Errorf("%w", err)
			}
		}
		if err != nil {
			damaged(err)
			continue
		}
		if err := visit(t); err != nil {
			return err
		}
	}
	return nil
}

func decodeTrace(line []byte) (*Trace, error) {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, fmt.Errorf("it is no trace: %w", err)
	}
	if head.Version != TraceVersion {
		return nil, fmt.Errorf("a trace of version %d; this assay reads %d", head.Version, TraceVersion)
	}
	t := &Trace{}
	if err := json.Unmarshal(line, t); err != nil {
		return nil, fmt.Errorf("it is no trace: %w", err)
	}
	if err := jsonl.Unique(line); err != nil {
		return nil, err
	}
	switch {
	case t.TaskID == "":
		return nil, fmt.Errorf(`the trace has no "task_id"`)
	case len(t.Steps) > maxSteps:
		return nil, fmt.Errorf("the trace has %d steps; at most %d are read", len(t.Steps), maxSteps)
	case t.Outcome != Passed && t.Outcome != Dropped:
		return nil, fmt.Errorf("the trace's outcome is %q: want %s or %s", t.Outcome, Passed, Dropped)
	case t.Outcome == Passed && t.Last() == nil:
		return nil, fmt.Errorf("the trace passed, and no step of it was chosen")
	}
	return t, nil
}

// Find reads the traces of a task, "HumanEval/3", or one of them, "HumanEval/3#1",
// from a folder of codeflow's.
func Find(ctx context.Context, dir, name string) ([]*Trace, *jsonl.Damage, error) {
	task, sample, one := strings.Cut(name, "#")
	n, err := strconv.Atoi(sample)
	if one && err != nil {
		return nil, nil, fmt.Errorf("%q: what follows # is the number of a trace", name)
	}
	var out []*Trace
	damage := &jsonl.Damage{}
	err = ReadTraces(ctx, dir, func(t *Trace) error {
		if t.TaskID == task && (!one || t.Sample == n) {
			out = append(out, t)
		}
		return nil
	}, damage.Add)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, fmt.Errorf("%s holds no %s: a run writes it at its end, so go on with the same command", dir, TracesName)
	case err == nil && len(out) == 0:
		err = fmt.Errorf("%s holds no %s", dir, name)
	}
	return out, damage, err
}

// Show writes a trace for people: what was asked, and each attempt with what the
// model was told about it.
func (t *Trace) Show(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  trace %d  %s", excerpt.Escape(t.TaskID), t.Sample, t.Outcome)
	if t.Reason != "" {
		b.WriteString(": " + t.Reason)
	}
	b.WriteString("\n")
	run.Section(&b, "task", t.Prompt)
	if t.Overlap != nil {
		run.Section(&b, "in common with "+t.Overlap.Problem, t.Overlap.Words)
	}
	tests := ""
	for i := range t.Steps {
		s := &t.Steps[i]
		run.Section(&b, s.title(), run.Numbered(s.Program))
		if s.Program == "" {
			run.Section(&b, "answer", s.Answer)
		}
		if s.Tests != tests {
			tests = s.Tests
			run.Section(&b, "tests", run.Numbered(tests))
		}
		run.Section(&b, "told", s.Feedback)
	}
	if q := t.Quality; q != nil {
		run.Section(&b, "the tests", q.Text())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *Step) title() string {
	title := fmt.Sprintf("iteration %d", s.Iteration)
	if s.Candidate > 0 || !s.Chosen {
		title += fmt.Sprintf(", candidate %d", s.Candidate)
	}
	title += ": " + string(s.Verdict)
	if s.HeldOut != "" {
		title += ", held out: " + string(s.HeldOut)
	}
	if s.Program == "" {
		return title + ", no program"
	}
	return title
}

// Text is what the tests are worth, for people.
func (q *Quality) Text() string {
	out := fmt.Sprintf("tests %d, lines run %d of %d, branches %d of %d, broken solutions noticed %d of %d",
		q.Tests, q.LinesRun, q.Lines, q.BranchesRun, q.Branches, q.MutantsFound, q.Mutants)
	if m := q.Marks; m != nil {
		out += fmt.Sprintf("\nmarks: accuracy %d, effectiveness %d, reasonableness %d", m.Accuracy, m.Effectiveness, m.Reasonableness)
	}
	if why := q.Trivial + q.Flaky; why != "" { // what is trivial is not looked at for flaky
		out += "\nbut " + why
	}
	return out
}
