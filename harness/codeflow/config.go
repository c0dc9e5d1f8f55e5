package codeflow

import (
	"fmt"

	"github.com/assay-dev/assay/harness/generate"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/runtimes"
)

// Bounds of Options: a trace's requests are numbered below stride.
const (
	MaxIterations = 49
	MaxBestOf     = 20
	stride        = (MaxIterations + 1) * MaxBestOf
)

// Options are what traces depend on, beside tasks, runtime and answers.
type Options struct {
	Model string `json:"model"`
	// Prompt is how a suite's problem is put, as generate puts it: so first
	// attempts are what its samples are.
	Prompt       generate.Style `json:"prompt"`
	Iterations   int            `json:"iterations"` // refinements after the first attempt, at most
	Traces       int            `json:"traces"`     // of each task (default 1)
	BestOf       int            `json:"best_of"`    // attempts in each iteration (default 1)
	Feedback     Feedback       `json:"feedback"`
	Temperatures []float64      `json:"temperatures"`    // of the iterations; the last one holds for those after it
	TopP         float64        `json:"top_p,omitempty"` // 0: the server's default
	MaxTokens    int            `json:"max_tokens"`      // of one answer
	Seed         *int64         `json:"seed,omitempty"`
	Least        Least          `json:"least"`                 // of the tests of written tasks
	JudgeModel   string         `json:"judge_model,omitempty"` // who gives marks (default Model)
}

// temperature is that of an iteration.
func (o Options) temperature(iteration int) float64 {
	if len(o.Temperatures) == 0 {
		return 0
	}
	return o.Temperatures[min(iteration, len(o.Temperatures)-1)]
}

// request asks for the attempts of one iteration of a task's n-th trace, with
// what the model reads.
func (o Options) request(t *Task, n, iteration int, r model.Request) model.Request {
	r.Task, r.Index, r.N, r.Model = t.ID, n*stride+iteration*o.BestOf, o.BestOf, o.Model
	r.Temperature, r.TopP, r.MaxTokens, r.Seed = o.temperature(iteration), o.TopP, o.MaxTokens, o.Seed
	return r
}

// Config of a run.
type Config struct {
	Dir     string // for traces.jsonl and stats.json
	Tasks   []*Task
	Options Options

	Client   *model.Client
	Programs runtimes.Runner
	Judge    Judge     // of a suite's problems
	Overlaps *Overlaps // with benchmarks, of written tasks; nil: nobody looks
	Runtime  string    // identity of what runs programs
	Workers  int       // programs in the sandbox at once (default 1)
	Partial  bool      // write what there is when traces could not be finished

	Progress func(Status) // may be nil
}

func (c Config) withDefaults() Config {
	c.Workers = max(c.Workers, 1)
	c.Options.Traces, c.Options.BestOf = max(c.Options.Traces, 1), max(c.Options.BestOf, 1)
	if c.Progress == nil {
		c.Progress = func(Status) {}
	}
	return c
}

// Status is where a run stands.
type Status struct {
	Done, Total int // traces
	Passed      int
	Failed      int // traces that can't be finished
	Stats       model.Stats
}

// Interrupted says that a run was stopped. What was answered is kept.
type Interrupted struct {
	Done, Total int
	Cause       error
}

func (e *Interrupted) Error() string {
	return fmt.Sprintf("interrupted: %d of %d traces were finished, and every answer is kept; go on with the same command", e.Done, e.Total)
}

func (e *Interrupted) Unwrap() error { return e.Cause }
