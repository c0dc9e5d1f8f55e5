package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"assay/harness/dispatch"
	"assay/harness/model"
	"assay/plugins/backends"
)

// askFlags say who is asked, and how.
type askFlags struct {
	backend, model string
	plugins        pluginsFlag
	opened         model.Backend

	topP      float64
	maxTokens int
	seed      int64
	seeded    bool

	concurrency, perMinute, attempts int
	timeout                          time.Duration
	price                            priceFlag
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

func (f *askFlags) registerPace(flags *pflag.FlagSet) {
	flags.IntVar(&f.concurrency, "concurrency", 16, "requests under way at once, at most; fewer when the server is busy")
	flags.IntVar(&f.perMinute, "per-minute", 0, "requests sent in a minute, at most (default no limit)")
	flags.IntVar(&f.attempts, "attempts", 8, "attempts at one request before its samples are given up")
	flags.DurationVar(&f.timeout, "timeout", 10*time.Minute, "time for one answer")
	flags.Var(&f.price, "price", "dollars for a million tokens, of prompts and of answers: 0.15,0.60")
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
	switch {
	case f.backend == "":
		return usagef("--backend is missing: %s", backends.Forms)
	case f.model == "" && (strings.HasPrefix(f.backend, "openai") || strings.HasPrefix(f.backend, "anthropic")):
		return usagef("--model is missing: the name that the server knows the model by")
	case f.concurrency < 1 || f.attempts < 1 || f.maxTokens < 1 || f.timeout <= 0:
		return usagef("--concurrency, --attempts, --max-tokens and --timeout are 1 or more")
	case f.perMinute < 0:
		return usagef("--per-minute can't be negative")
	case !(f.topP >= 0 && f.topP <= 1):
		return usagef("--top-p %v: a share is from 0 to 1", f.topP)
	}
	return nil
}

func isTemperature(t float64) bool { return t >= 0 && t <= 10 }

func (f *askFlags) seedOrNone() *int64 {
	if !f.seeded {
		return nil
	}
	return &f.seed
}

// open opens the backend, before anything is made for it; what a plugin prints
// goes to the file log. The caller calls end when nothing more is asked.
func (f *askFlags) open(ctx context.Context, log string) (end func(), err error) {
	f.opened, end, err = openBackend(ctx, f.backend, f.plugins, log)
	return end, err
}

// asking is a session that asks a model.
type asking struct {
	*session
	client *dispatch.Client
	still  func() bool // ends the notice about stopping
}

// openAsking opens one with its log at path.
func (a *app) openAsking(ctx context.Context, f *askFlags, path string, forget, quiet bool) (*asking, error) {
	log, err := dispatch.OpenLog(path, f.opened.Identity(), forget)
	if err != nil {
		return nil, err
	}
	s, err := a.openSession(quiet)
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	if n := log.Damaged(); n > 0 {
		s.display.notice(fmt.Sprintf("%s: %d damaged lines are left out and asked for again", path, n))
	}
	still := context.AfterFunc(ctx, func() {
		s.display.notice("stopping: answers under way are waited for, half a minute at most, because they are paid for; Ctrl-C again ends it at once")
	})
	client := dispatch.New(dispatch.Config{
		Backend: f.opened, Log: log, Concurrency: f.concurrency, PerMinute: f.perMinute, Attempts: f.attempts, Timeout: f.timeout,
		Price: f.price.Price,
	})
	return &asking{s, client, still}, nil
}

func (s *asking) close() error {
	s.still()
	return errors.Join(s.session.close(), s.client.Log.Close())
}

func dollars(d float64) string {
	if d > 0 && d < 0.01 {
		return fmt.Sprintf("$%.4f", d)
	}
	return fmt.Sprintf("$%.2f", d)
}

// priceFlag is a flag for what tokens cost: 0.15,0.60.
type priceFlag struct{ dispatch.Price }

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
