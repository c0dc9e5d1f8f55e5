package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/extract"
	"github.com/assay-dev/assay/harness/generate"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/plugins/backends"
)

// askFlags say who is asked, and how.
type askFlags struct {
	backend, model string
	plugins        pluginsFlag

	topP      float64
	maxTokens int
	seed      int64
	seeded    bool

	paceFlags
}

func (f *askFlags) registerWho(flags *pflag.FlagSet) {
	flags.StringVar(&f.backend, "backend", "", "who answers: "+backends.Forms)
	flags.StringVar(&f.model, "model", "", "the model's `name`, as the server knows it")
	f.plugins.register(flags)
}

func (f *askFlags) registerSampling(flags *pflag.FlagSet, maxTokens int) {
	flags.Float64Var(&f.topP, "top-p", 0, "of sampling, 0 for the server's own (default 0.95 with a temperature, as evalplus)")
	flags.IntVar(&f.maxTokens, "max-tokens", maxTokens, "tokens of one answer, at most")
	flags.Int64Var(&f.seed, "seed", 0, "seed of the first sample of each task, for servers that know seeds (default none)")
}

// evalplusTopP is what evalplus samples with, except from Anthropic, which
// takes a temperature or this.
const evalplusTopP = 0.95

// complete fills in what hangs on which flags were given.
func (f *askFlags) complete(flags *pflag.FlagSet, warm bool) {
	f.seeded = flags.Changed("seed")
	if !flags.Changed("top-p") && warm && !strings.HasPrefix(f.backend, "anthropic") {
		f.topP = evalplusTopP
	}
}

func (f *askFlags) check() error {
	if f.backend == "" {
		return usagef("--backend is missing: %s", backends.Forms)
	}
	if err := named(f.backend, f.model, "--model"); err != nil {
		return err
	}
	return validate(f.paceFlags)
}

// named says whether the model has a name where the server wants one.
func named(backend, model, flag string) error {
	if model == "" && (strings.HasPrefix(backend, "openai") || strings.HasPrefix(backend, "anthropic")) {
		return usagef("%s is missing: the name that the server knows the model by", flag)
	}
	return nil
}

func (f *askFlags) seedOrNone() *int64 {
	if !f.seeded {
		return nil
	}
	return &f.seed
}

// sampleFlags say which samples of a suite a model is asked for.
type sampleFlags struct {
	ask         askFlags
	style       string
	extract     string
	split       string
	n, batch    int
	temperature float64
}

func (f *sampleFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.style, "prompt", string(generate.Instruct), "base goes on with the prompt, instruct asks in a chat")
	flags.StringVar(&f.extract, "extract", "", "how programs are taken out of answers: best, evalplus, lcb, last or whole (default: as the suite's publisher does)")
	flags.StringVar(&f.split, "split", string(generate.Complete), "which text of BigCodeBench's problems: complete or instruct")
	flags.IntVarP(&f.n, "n", "n", 1, "samples of each task")
	flags.Float64Var(&f.temperature, "temperature", 0, "of sampling; 0 is greedy")
	f.ask.registerSampling(flags, 768)
	flags.IntVar(&f.batch, "batch", 1, "samples asked for in one request, by servers that know n")
}

// config is what the flags say of a run that writes to out.
func (f *sampleFlags) config(out string, partial bool) generate.Config {
	return generate.Config{
		Options: generate.Options{
			Style: generate.Style(f.style), Extract: extract.Rule(f.extract), Split: generate.Split(f.split), Model: f.ask.model, N: f.n,
			Temperature: f.temperature, TopP: f.ask.topP, MaxTokens: f.ask.maxTokens, Seed: f.ask.seedOrNone(),
		},
		Batch: f.batch, Out: out, Partial: partial,
	}
}

// paceFlags say how fast a model is asked, how often again, and what it costs.
type paceFlags struct{ model.Config }

func (f *paceFlags) registerPace(flags *pflag.FlagSet) {
	flags.IntVar(&f.Concurrency, "concurrency", 16, "requests under way at once, at most; fewer when the server is busy")
	flags.IntVar(&f.PerMinute, "per-minute", 0, "requests sent in a minute, at most (default no limit)")
	flags.IntVar(&f.Attempts, "attempts", 8, "attempts at one request before it is given up")
	flags.DurationVar(&f.Timeout, "timeout", 10*time.Minute, "time for one answer")
	flags.Var((*priceFlag)(&f.Price), "price", "dollars for a million tokens, of prompts and of answers: 0.15,0.60")
}

// client asks a backend at this pace.
func (f paceFlags) client(b model.Backend, log *model.Log) *model.Client {
	f.Backend, f.Log = b, log
	return model.New(f.Config)
}

// priceFlag is a flag for what tokens cost: 0.15,0.60.
type priceFlag model.Price

func (p *priceFlag) Set(s string) error {
	var in, out float64
	n, err := fmt.Sscanf(s, "%f,%f", &in, &out)
	if err != nil || n != 2 || !(in >= 0 && out >= 0) || math.IsInf(in+out, 0) {
		return fmt.Errorf("%q are no two prices; write 0.15,0.60", s)
	}
	p.Prompt, p.Completion = in, out
	return nil
}

func (p *priceFlag) String() string {
	if p.Prompt == 0 && p.Completion == 0 {
		return ""
	}
	return fmt.Sprintf("%g,%g", p.Prompt, p.Completion)
}

func (p *priceFlag) Type() string { return "dollars" }

// asking is a session that asks a model.
type asking struct {
	*session
	client *model.Client
}

// files are what a command that asks a model writes.
type files struct {
	requests string // the log of requests: the same command asks for nothing that is answered there
	plugin   string // what a backend that is a plugin prints
	claim    func() error
	forget   bool // the answers that are there
	quiet    bool
}

// asks opens the backend, takes the files once it is there, and has body ask. What
// it could not do is known before anything is paid.
func (a *app) asks(ctx context.Context, f *askFlags, to files, body func(*asking) error) error {
	backend, end, err := openBackend(ctx, f.backend, f.plugins, to.plugin)
	if err != nil {
		return err
	}
	defer end()
	if err := to.claim(); err != nil {
		return err
	}
	log, err := model.OpenLog(to.requests, backend.Identity(), to.forget)
	if err != nil {
		return err
	}
	s, err := a.openSession(to.quiet)
	if err != nil {
		return errors.Join(err, log.Close())
	}
	if n := log.Damaged(); n > 0 {
		s.display.Notice(fmt.Sprintf("%s: %d damaged lines are left out and asked for again", to.requests, n))
	}
	a.waits.Store(true)
	still := context.AfterFunc(ctx, func() {
		s.display.Notice("stopping: answers under way are waited for, half a minute at most, because they are paid for; Ctrl-C again ends it at once")
	})
	err = body(&asking{s, f.client(backend, log)})
	still()
	return errors.Join(err, s.close(), log.Close())
}

// claimFile sees to it that only a file of such a run is written over: one that has
// the log of its requests beside it.
func claimFile(file, requests string, force bool, other string) error {
	_, noLog := os.Lstat(requests)
	if _, err := os.Lstat(file); err == nil && noLog != nil && !force {
		return fmt.Errorf("%s is there, without the log of its requests: name another %s with --out, or write over it with --force", file, other)
	}
	return os.MkdirAll(filepath.Dir(file), 0o755)
}

// write asks for the samples of problems and writes them down.
func (s *asking) write(ctx context.Context, c generate.Config, suite *benchmarks.Suite, problems []*benchmarks.Problem, workers int) (*generate.Summary, error) {
	c.Suite, c.Problems, c.Client, c.Runtime, c.Workers = suite, problems, s.client, s.worker, workers
	c.Progress = s.display.Func
	return generate.Run(ctx, c)
}
