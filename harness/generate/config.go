package generate

import (
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/extract"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/runtimes"
)

// Options are what the samples depend on, beside the suite and the model's
// answers.
type Options struct {
	Style       Style
	Split       Split // of BigCodeBench
	Model       string
	N           int // samples of a task
	Temperature float64
	TopP        float64 // 0: the server's default
	MaxTokens   int     // of one answer
	Seed        *int64
}

// Config of a run.
type Config struct {
	Suite    *benchmarks.Suite
	Problems []*benchmarks.Problem // the selected ones, in the suite's order
	Options  Options

	Client  *model.Client
	Runtime runtimes.Runner
	Batch   int    // samples asked for in one request (default 1)
	Out     string // the file of samples; it ends in .jsonl
	Partial bool   // write what there is when samples have no answer
	Workers int    // extractions at once (default 1)

	Answered func(p *benchmarks.Problem, a extract.Answer) // told of each answer as it comes, those of earlier runs first; may be nil
	Asked    func()                                        // told when all answers are there, before the files are written; may be nil
	Progress func(Status)                                  // may be nil
	Stage    func(name string, done, total int64)          // told of what comes after; may be nil
	Notice   func(string)                                  // may be nil
}

func (c Config) withDefaults() Config {
	c.Batch, c.Workers = max(c.Batch, 1), max(c.Workers, 1)
	if c.Asked == nil {
		c.Asked = func() {}
	}
	if c.Progress == nil {
		c.Progress = func(Status) {}
	}
	if c.Stage == nil {
		c.Stage = func(string, int64, int64) {}
	}
	if c.Notice == nil {
		c.Notice = func(string) {}
	}
	return c
}

// request asks for samples of a problem, from index on.
func (c *Config) request(p *benchmarks.Problem, index, n int) model.Request {
	o := c.Options
	r := model.Request{
		Task: p.ID, Index: index, N: n, Model: o.Model,
		Temperature: o.Temperature, TopP: o.TopP, MaxTokens: o.MaxTokens, Seed: o.Seed,
	}
	o.Style.Put(c.Suite.Name, o.Split.Of(p), &r)
	return r
}

// Status is where the asking stands.
type Status struct {
	Done, Total int // samples
	Known       int // of these, answered before this run
	Failed      int // samples given up
	Judged      int // answers that were judged meanwhile; for who judges to fill in
	Stats       model.Stats
}

// Summary is what came out.
type Summary struct {
	Suite    string      `json:"suite"`
	Backend  string      `json:"backend"`
	Model    string      `json:"model"`
	Tasks    int         `json:"tasks"`
	Samples  int         `json:"samples"`  // answered
	Missing  []string    `json:"missing"`  // without an answer
	Cut      int         `json:"cut"`      // answers that MaxTokens ended
	Usage    model.Usage `json:"usage"`    // of all requests, earlier ones included
	Requests int64       `json:"requests"` // sent by this run
	Retried  int64       `json:"retried"`  // of these, sent because another failed
	Files    []string    `json:"files"`
}

// Interrupted says that a run was stopped. What was answered is kept.
type Interrupted struct {
	Done, Total int
	Cause       error
}

func (e *Interrupted) Error() string {
	return fmt.Sprintf("interrupted: %d of %d samples are answered, and kept; go on with the same command", e.Done, e.Total)
}

func (e *Interrupted) Unwrap() error { return e.Cause }
