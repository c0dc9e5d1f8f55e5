package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/plugins"
	"github.com/assay-dev/assay/plugins/contract"
	"github.com/assay-dev/assay/plugins/host"
	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/plugins/sdk/wire"
	"github.com/assay-dev/assay/trainer"
)

// testFlags are how a plugin can be tested.
type testFlags struct {
	model    string
	base     bool
	patience time.Duration
	engine   string
}

func (a *app) pluginsTest(at *pluginsFlag) *cobra.Command {
	var asJSON bool
	f := &testFlags{}
	cmd := &cobra.Command{
		Use:   "test NAME",
		Short: "Hold a plugin to the contract of its kind",
		Long: `Start a plugin and run the checks that all of its kind pass, those that are built
in too: of a backend some forty requests, of a trainer a few runs of a few steps,
of a runtime its own examples, compiled and run in the sandbox. What the plugin
prints is shown on stderr.

Exit code: 0 when all checks pass, 1 when one fails or the plugin does not start.`,
		Example: `  assay plugins test echo
  assay plugins test my-model --model small --patience 10m
  assay plugins test my-trainer --model ./tiny`,
		Args: want("NAME"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			p, err := find(at, args[0])
			if err != nil {
				return err
			}
			checks, err := a.checkPlugin(cmd.Context(), p, f)
			if err != nil {
				return err
			}
			return a.reportChecks(p, checks, asJSON)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.model, "model", "", "the model's `name`, where the plugin wants one; for a trainer a folder or file")
	flags.BoolVar(&f.base, "complete", false, "ask a backend to go on with a prompt, and not in a chat")
	flags.DurationVar(&f.patience, "patience", time.Minute, "how long one check may take")
	flags.StringVar(&f.engine, "engine", "", "what runs a runtime's programs, by `name`, as of assay run")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// testRequest is one that every model can answer.
func testRequest(name string, base bool) model.Request {
	r := model.Request{Task: "assay/test", N: 1, Model: name, Temperature: 0.8, MaxTokens: 32}
	const prompt = "def add(a, b):\n    \"\"\"The sum of a and b.\"\"\"\n"
	if base {
		r.Prompt = prompt
	} else {
		r.Messages = []model.Message{{Role: model.User, Content: "Go on with this program:\n```python\n" + prompt + "```"}}
	}
	return r
}

// checkPlugin starts a plugin, holds it to its contract, and ends it.
func (a *app) checkPlugin(ctx context.Context, p *plugins.Plugin, f *testFlags) ([]contract.Result, error) {
	held, done, err := a.contract(p.Manifest.Kind, f)
	if err != nil {
		return nil, err
	}
	defer done()
	started, err := p.Start(ctx, p.Manifest.Kind, a.stderr)
	if err != nil {
		return nil, err
	}
	results := held(ctx, started)
	return append(results, contract.Result{Name: "it ends when it is told to", Err: started.Close()}), ctx.Err()
}

// contract readies what the contract of a kind needs. The caller calls done.
func (a *app) contract(k wire.Kind, f *testFlags) (held func(context.Context, host.Plugin) []contract.Result, done func(), err error) {
	switch k {
	case wire.Trainer:
		settings := trainer.Paper()
		if f.model != "" {
			if settings.Model, err = findModel(f.model); err != nil {
				return nil, nil, err
			}
		}
		dir, remove, err := atomicfile.Scratch("plugin")
		if err != nil {
			return nil, nil, err
		}
		return func(ctx context.Context, p host.Plugin) []contract.Result {
			return contract.RunTrainer(ctx, contract.TrainerSubject{Trainer: p.(trainer.Trainer), Settings: settings, Dir: dir, Patience: f.patience})
		}, remove, nil
	case wire.Runtime:
		s, err := a.openSession(true)
		if err != nil {
			return nil, nil, err
		}
		if err := s.openWorker(runtimeFlags{engine: f.engine}, nil, 1, contract.Memory); err != nil {
			return nil, nil, err
		}
		return func(ctx context.Context, p host.Plugin) []contract.Result {
			return contract.RunRuntime(ctx, contract.RuntimeSubject{Language: p.(language.Language), Runner: s.worker, Patience: f.patience})
		}, func() { _ = s.close() }, nil // its worker has run what it was to run
	}
	return func(ctx context.Context, p host.Plugin) []contract.Result {
		return contract.Run(ctx, contract.Subject{Backend: p.(model.Backend), Request: testRequest(f.model, f.base), Patience: f.patience})
	}, func() {}, nil
}

// checkState is a check as --json has it.
type checkState struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
}

func (a *app) reportChecks(p *plugins.Plugin, results []contract.Result, asJSON bool) error {
	states := make([]checkState, len(results))
	var b strings.Builder
	failed := 0
	for i, r := range results {
		states[i] = checkState{Check: r.Name, OK: r.Err == nil}
		if r.Err == nil {
			fmt.Fprintf(&b, "ok    %s\n", r.Name)
			continue
		}
		failed++
		states[i].Error = r.Err.Error()
		fmt.Fprintf(&b, "FAIL  %s: %v\n", r.Name, r.Err)
	}
	if asJSON {
		if err := writeJSON(a.stdout, states); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(a.stdout, "%s%s %s: %d of %d checks passed\n", b.String(), p.Manifest.Name, p.Manifest.Version, len(results)-failed, len(results))
	}
	if failed > 0 {
		return codeError(exitFault)
	}
	return nil
}
