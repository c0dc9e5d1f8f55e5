package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/assay-dev/assay/harness/model"

	"github.com/assay-dev/assay/plugins/backends"
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
	switch {
	case f.backend == "":
		return usagef("--backend is missing: %s", backends.Forms)
	case f.model == "" && (strings.HasPrefix(f.backend, "openai") || strings.HasPrefix(f.backend, "anthropic")):
		return usagef("--model is missing: the name that the server knows the model by")
	case f.maxTokens < 1:
		return usagef("--max-tokens is 1 or more")
	case !(f.topP >= 0 && f.topP <= 1):
		return usagef("--top-p %v: a share is from 0 to 1", f.topP)
	}
	return f.paceFlags.check()
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
	client *model.Client
	still  func() bool // ends the notice about stopping
}

// openAsking opens one with its log at path.
func (a *app) openAsking(ctx context.Context, f *askFlags, path string, forget, quiet bool) (*asking, error) {
	log, err := model.OpenLog(path, f.opened.Identity(), forget)
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
	return &asking{s, f.client(f.opened, log), still}, nil
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
