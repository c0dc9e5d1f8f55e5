package codeflow

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/harness/extract"
	"github.com/assay-dev/assay/harness/generate"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes"
)

// Bounds of Options: a trace's requests are numbered below stride.
const (
	MaxIterations = 49
	maxBestOf     = 20
	stride        = (MaxIterations + 1) * maxBestOf
)

// Options are what traces depend on, beside tasks, runtime and answers.
type Options struct {
	Model string `json:"model"`
	// Prompt is how a suite's problem is put, as generate puts it: so first
	// attempts are what its samples are.
	Prompt       generate.Style `json:"prompt"`
	Extract      extract.Rule   `json:"extract"`    // (default best) how programs are taken out of answers to a suite's problems
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
	Libs         string         `json:"libs,omitempty"`        // as run.Options have it
	Python       string         `json:"python,omitempty"`      // as run.Options have it
}

// Validate says what is wrong with what flags ask for.
func (o Options) Validate() error {
	if err := generate.CheckSampling(o.MaxTokens, o.TopP, o.Temperatures...); err != nil {
		return err
	}
	switch {
	case o.Iterations < 0 || o.Iterations > MaxIterations:
		return fmt.Errorf("--iterations %d: from 0, the first attempt alone, to %d", o.Iterations, MaxIterations)
	case o.BestOf < 1 || o.BestOf > maxBestOf:
		return fmt.Errorf("--best-of %d: from 1 to %d", o.BestOf, maxBestOf)
	case o.Traces < 1:
		return errors.New("-n is 1 or more")
	case o.JudgeModel != "" && o.Least.Marks == 0:
		return errors.New("--judge-model gives marks, which nobody asks for: pass --least marks=3")
	case len(o.Temperatures) == 0:
		return errors.New("--temperature names none: pass 0 for greedy attempts")
	}
	for i, t := range o.Temperatures {
		switch {
		case t == 0 && (o.BestOf > 1 || i == 0 && o.Traces > 1):
			return errors.New("several attempts at temperature 0 are one attempt several times: pass --temperature 0.8, or -n 1 --best-of 1")
		case t == 0 && i == len(o.Temperatures)-1 && o.Feedback == noFeedback && o.Iterations > 0:
			return errors.New("--feedback none at temperature 0 asks the same question for the same answer: pass --temperature 0.8")
		}
	}
	_, feedback := parseFeedback(string(o.Feedback))
	_, style := generate.ParseStyle(string(o.Prompt))
	_, rule := extract.ParseRule(string(cmp.Or(o.Extract, extract.Best)))
	return cmp.Or(feedback, style, rule)
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

	Progress progress.Func
}

// Validate says what is wrong with what flags ask for.
func (c Config) Validate() error {
	switch {
	case c.Dir == "":
		return errors.New("--out is missing: the folder for the traces")
	case c.Workers < 0:
		return errors.New("--workers can't be negative")
	}
	return c.Options.Validate()
}

func (c Config) withDefaults() Config {
	c.Workers = max(c.Workers, 1)
	c.Options.Extract = cmp.Or(c.Options.Extract, extract.Best)
	c.Options.Traces, c.Options.BestOf = max(c.Options.Traces, 1), max(c.Options.BestOf, 1)
	return c
}

// interrupted says that a run was stopped. What was answered is kept.
type interrupted struct {
	Done, Total int
	Cause       error
}

func (e *interrupted) Error() string {
	return fmt.Sprintf("interrupted: %d of %d traces were finished, and every answer is kept; go on with the same command", e.Done, e.Total)
}

func (e *interrupted) Unwrap() error { return e.Cause }
