package main

import (
	"fmt"
	"math"
	"time"

	"github.com/spf13/pflag"

	"github.com/assay-dev/assay/harness/model"
)

// paceFlags say how fast a model is asked, how often again, and what it costs.
type paceFlags struct {
	concurrency, perMinute, attempts int
	timeout                          time.Duration
	price                            priceFlag
}

func (f *paceFlags) registerPace(flags *pflag.FlagSet) {
	flags.IntVar(&f.concurrency, "concurrency", 16, "requests under way at once, at most; fewer when the server is busy")
	flags.IntVar(&f.perMinute, "per-minute", 0, "requests sent in a minute, at most (default no limit)")
	flags.IntVar(&f.attempts, "attempts", 8, "attempts at one request before it is given up")
	flags.DurationVar(&f.timeout, "timeout", 10*time.Minute, "time for one answer")
	flags.Var(&f.price, "price", "dollars for a million tokens, of prompts and of answers: 0.15,0.60")
}

func (f *paceFlags) check() error {
	switch {
	case f.concurrency < 1 || f.attempts < 1 || f.timeout <= 0:
		return usagef("--concurrency, --attempts and --timeout are 1 or more")
	case f.perMinute < 0:
		return usagef("--per-minute can't be negative")
	}
	return nil
}

// client asks a backend at this pace.
func (f *paceFlags) client(b model.Backend, log *model.Log) *model.Client {
	return model.New(model.Config{
		Backend: b, Log: log, Concurrency: f.concurrency, PerMinute: f.perMinute, Attempts: f.attempts, Timeout: f.timeout,
		Price: f.price.Price,
	})
}

// priceFlag is a flag for what tokens cost: 0.15,0.60.
type priceFlag struct{ model.Price }

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
