package generate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/progress"
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

// Validate says what is wrong with what flags ask for.
func (o Options) Validate() error {
	if err := CheckSampling(o.MaxTokens, o.TopP, o.Temperature); err != nil {
		return err
	}
	switch {
	case o.N < 1:
		return errors.New("-n is 1 or more")
	case o.N > 1 && o.Temperature == 0:
		return fmt.Errorf("-n %d at temperature 0 is one answer %[1]d times: pass --temperature 0.8, or -n 1", o.N)
	}
	_, style := ParseStyle(string(o.Style))
	_, split := ParseSplit(string(o.Split))
	return cmp.Or(style, split)
}

// CheckSampling says what is wrong with how a model is to sample.
func CheckSampling(maxTokens int, topP float64, temperatures ...float64) error {
	switch {
	case maxTokens < 1:
		return errors.New("--max-tokens is 1 or more")
	case !(topP >= 0 && topP <= 1):
		return fmt.Errorf("--top-p %v: a share is from 0 to 1", topP)
	}
	for _, t := range temperatures {
		if !(t >= 0 && t <= 10) {
			return fmt.Errorf("--temperature %v: a temperature is 0, for greedy, or more", t)
		}
	}
	return nil
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

	Progress  progress.Func
	Following Follower // may be nil
}

// Follower is told of samples as they come to be, by any goroutine.
type Follower interface {
	// Answered: there is an answer, and program takes the program out of it.
	// Answers of earlier runs come first.
	Answered(p *benchmarks.Problem, index int, program func(context.Context) (string, error))
	// Asked: there will be no more answers. The files are written when it returns.
	Asked()
	// Written: the sample is a row of the file. They come in the file's order.
	Written(p *benchmarks.Problem, index int, program string)
	// Detail is what there is to say in one line beside how the asking goes.
	Detail() string
}

// nobody follows.
type nobody struct{}

func (nobody) Answered(*benchmarks.Problem, int, func(context.Context) (string, error)) {}
func (nobody) Asked()                                                                   {}
func (nobody) Written(*benchmarks.Problem, int, string)                                 {}
func (nobody) Detail() string                                                           { return "" }

// Validate says what is wrong with what flags ask for.
func (c Config) Validate() error {
	switch {
	case c.Batch < 1:
		return errors.New("-n and --batch are 1 or more")
	case c.Out == "":
		return errors.New("--out is missing: the file for the samples")
	case !strings.HasSuffix(c.Out, ".jsonl") || filepath.Base(c.Out) == ".jsonl":
		return fmt.Errorf("--out %s: the name of a file of samples ends in .jsonl", c.Out)
	}
	return c.Options.Validate()
}

func (c Config) withDefaults() Config {
	c.Batch, c.Workers = max(c.Batch, 1), max(c.Workers, 1)
	if c.Following == nil {
		c.Following = nobody{}
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
