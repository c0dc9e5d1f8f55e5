package generate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/extract"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes"
)

// Options are what the samples depend on, beside the suite and the model's
// answers.
type Options struct {
	Style       Style
	Extract     extract.Rule // how programs are taken out of answers; "": as the suite's publisher does
	Split       Split        // of BigCodeBench
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
	_, split := parseSplit(string(o.Split))
	_, rule := extract.ParseRule(string(cmp.Or(o.Extract, extract.Evalplus)))
	return cmp.Or(style, split, rule)
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
	Written(p *benchmarks.Problem, row Row)
	// Detail is what there is to say in one line beside how the asking goes.
	Detail() string
}

// nobody follows.
type nobody struct{}

func (nobody) Answered(*benchmarks.Problem, int, func(context.Context) (string, error)) {}
func (nobody) Asked()                                                                   {}
func (nobody) Written(*benchmarks.Problem, Row)                                         {}
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

// interrupted says that a run was stopped. What was answered is kept.
type interrupted struct {
	Done, Total int
	Cause       error
}

func (e *interrupted) Error() string {
	return fmt.Sprintf("interrupted: %d of %d samples are answered, and kept; go on with the same command", e.Done, e.Total)
}

func (e *interrupted) Unwrap() error { return e.Cause }

// Run asks for every sample that the log does not have, and writes the files.
// When ctx is cancelled it returns *Interrupted; the same run goes on from
// there.
func Run(ctx context.Context, c Config) (*Summary, error) {
	c = c.withDefaults()
	a := &asking{Config: c, status: status{Total: len(c.Problems) * c.Options.N}, taken: &programs{runtime: c.Runtime}}
	summary, err := a.run(ctx)
	if err != nil && ctx.Err() != nil {
		return nil, &interrupted{Done: a.status.Done, Total: a.status.Total, Cause: ctx.Err()}
	}
	return summary, err
}

// asking is the first half of a run: until the log has all answers.
type asking struct {
	Config

	taken *programs

	mu     sync.Mutex
	status status
	failed error // the first reason why samples were given up
}

// status is where the asking stands.
type status struct {
	Done, Total int // samples
	Known       int // of these, answered before this run
	Failed      int // samples given up
}

func (a *asking) run(ctx context.Context) (*Summary, error) {
	if err := a.ask(ctx, a.units()); err != nil {
		return nil, err
	}
	if n := a.status.Failed; n > 0 && !a.Partial {
		return nil, fmt.Errorf("%d of %d samples have no answer, the first one because of %w; the others are kept: ask again with the same command, or write what there is with --partial", n, a.status.Total, a.failed)
	}
	a.Following.Asked()
	w := &writing{Config: a.Config, taken: a.taken, summary: Summary{
		Suite: a.Suite.Name + "@" + a.Suite.Version, Backend: a.Client.Identity(), Model: a.Options.Model, Tasks: len(a.Problems), Missing: []string{},
	}}
	return w.run(ctx)
}

// unit is a request that may still be made.
type unit struct {
	problem  *benchmarks.Problem
	index, n int
}

// units are the stretches of samples that are not answered yet: the first
// samples of all tasks, then the second ones, so that a run that is stopped has
// some of each.
func (a *asking) units() []unit {
	var units []unit
	for at := 0; at < a.Options.N; at += a.Batch {
		n := min(a.Batch, a.Options.N-at)
		for _, p := range a.Problems {
			known := a.known(a.request(p, at, n))
			a.status.Known += known
			if known < n {
				units = append(units, unit{p, at, n})
			}
		}
	}
	a.status.Done = a.status.Known
	return units
}

// known counts the samples of a request that are answered.
func (a *asking) known(r model.Request) (n int) {
	for i := r.Index; i < r.Index+r.N; i++ {
		if a.Client.Log.Has(r.Only(i, 1)) {
			n++
		}
	}
	return n
}

// ask has twice as many requests at hand as may be under way, so that none
// waits for the log.
func (a *asking) ask(ctx context.Context, units []unit) error {
	a.count(0, nil)
	for at := range a.Options.N { // as they were asked for
		for _, p := range a.Problems {
			if err := a.tell(a.request(p, at, 1), p); err != nil {
				return err
			}
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2 * a.Client.Concurrency)
	for _, u := range units {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			r := a.request(u.problem, u.index, u.n)
			before := a.known(r)
			_, err := a.Client.Complete(ctx, r)
			var failed *model.Failed
			if err != nil && !errors.As(err, &failed) {
				return err
			}
			a.count(a.known(r)-before, failed)
			return a.tell(r, u.problem)
		})
	}
	return g.Wait()
}

// tell passes on what r is answered, as far as it is.
func (a *asking) tell(r model.Request, p *benchmarks.Problem) error {
	if a.Following == (nobody{}) {
		return nil
	}
	for i := range r.N {
		text, ok, err := a.Client.Log.Text(r.Only(r.Index+i, 1))
		if err != nil {
			return err
		}
		if ok {
			answer := a.Options.Style.Answer(a.Options.Extract, r, p, text.Text)
			a.Following.Answered(p, r.Index+i, func(ctx context.Context) (string, error) { return a.taken.early(ctx, answer) })
		}
	}
	return nil
}

func (a *asking) count(answered int, failed *model.Failed) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status.Done += answered
	if failed != nil {
		a.status.Failed += failed.Request.N
		if a.failed == nil {
			a.failed = failed
		}
	}
	s := a.status
	a.Progress.Tell(progress.Event{
		Stage: "asking", Verb: "answered", Things: "samples",
		Done: int64(s.Done), Total: int64(s.Total), Known: int64(s.Known),
		Detail: a.Client.Stats().Text(s.Failed) + a.Following.Detail(),
	})
}
