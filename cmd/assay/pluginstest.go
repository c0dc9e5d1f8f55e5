package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assay/harness/model"
	"assay/plugins/contract"
	"assay/plugins/store"
)

func (a *app) pluginsTest(at *pluginsFlag) *cobra.Command {
	var asJSON, base bool
	var name string
	var patience time.Duration
	cmd := &cobra.Command{
		Use:   "test NAME",
		Short: "Hold a plugin to the contract of its kind",
		Long: `Start a plugin and run the checks that every backend passes, those that are built
in too: some forty requests. What the plugin prints is shown on stderr.

Exit code: 0 when all checks pass, 1 when one fails or the plugin does not start.`,
		Example: `  assay plugins test echo
  assay plugins test my-model --model small --patience 10m`,
		Args: want("NAME"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			p, err := find(at, args[0])
			if err != nil {
				return err
			}
			r := testRequest(name, base)
			checks, err := a.checkPlugin(cmd.Context(), p, contract.Subject{Request: r, Patience: patience})
			if err != nil {
				return err
			}
			return a.reportChecks(p, checks, asJSON)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&name, "model", "", "the model's `name`, where the plugin wants one")
	flags.BoolVar(&base, "complete", false, "ask it to go on with a prompt, and not in a chat")
	flags.DurationVar(&patience, "patience", time.Minute, "how long one check may take")
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

func (a *app) checkPlugin(ctx context.Context, p *store.Plugin, s contract.Subject) ([]contract.Result, error) {
	b, err := openPlugin(ctx, p, a.stderr)
	if err != nil {
		return nil, err
	}
	s.Backend = b
	results := contract.Run(ctx, s)
	results = append(results, contract.Result{Name: "it ends when it is told to", Err: b.Close()})
	return results, ctx.Err()
}

// checkState is a check as --json has it.
type checkState struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
}

func (a *app) reportChecks(p *store.Plugin, results []contract.Result, asJSON bool) error {
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
