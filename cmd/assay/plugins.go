package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/plugins"
	"github.com/assay-dev/assay/plugins/sdk/wire"
)

func (a *app) pluginsCommand() *cobra.Command {
	var at pluginsFlag
	cmd := &cobra.Command{
		Use:   "plugins",
		Short: "Install, list and test plugins",
		Long: `A plugin is a program of somebody else's that stands in for a part of assay: a
model backend, a trainer, or a language runtime, which compiles programs for the
sandbox and runs none. It runs as you, without walls around it: install what you
trust. It sees nothing of your environment but the variables that you grant it,
and starts only while its files are what was installed.

A plugin is a folder with plugin.json in it:

  {
    "name": "my-model",
    "version": "0.1.0",
    "kind": "backend",
    "protocol": 1,
    "python": "my_model.py",
    "env": ["MY_MODEL_KEY"]
  }

"kind" is backend (assay generate --backend plugin:NAME), trainer (assay train
--trainer plugin:NAME) or runtime (assay run --runtime plugin:NAME FILE).
"python" is a file that Python runs, "program" one that runs by itself; "env" are
the variables that it asks for; "start_seconds" is what it may take to start (30).
plugins/python and plugins/sdk in assay's source make a function a plugin.`,
		Args: cobra.NoArgs,
		RunE: group,
	}
	at.register(cmd.PersistentFlags())
	cmd.AddCommand(a.pluginsList(&at), a.pluginsInstall(&at), a.pluginsInfo(&at), a.pluginsTest(&at), a.pluginsRemove(&at))
	return cmd
}

// pluginState is what list and info say of a plugin.
type pluginState struct {
	Name        string    `json:"name"`
	Version     string    `json:"version"`
	Kind        wire.Kind `json:"kind"`
	Protocol    int       `json:"protocol"`
	Description string    `json:"description,omitempty"`
	Folder      string    `json:"folder"`
	Command     []string  `json:"command"`
	Asks        []string  `json:"asks_env,omitempty"`
	Granted     []string  `json:"granted_env,omitempty"`
	SHA256      string    `json:"sha256"` // of the lines of sha256sum for its files
	Fault       string    `json:"fault,omitempty"`
}

func stateOf(p *plugins.Plugin) pluginState {
	m := p.Manifest
	s := pluginState{
		Name: m.Name, Version: m.Version, Kind: m.Kind, Protocol: m.Protocol, Description: m.Description,
		Folder: p.Dir, Command: p.Command(), Asks: m.Env, Granted: p.Env, SHA256: p.SHA256(),
	}
	if err := p.Verify(); err != nil {
		s.Fault = err.Error()
	}
	return s
}

func (a *app) pluginsList(at *pluginsFlag) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the plugins, and whether they are what was installed",
		Args:  cobra.NoArgs,
		RunE: a.do(func(*cobra.Command, []string) error {
			s, err := at.open()
			if err != nil {
				return err
			}
			all, err := s.List()
			if err != nil {
				return err
			}
			states := make([]pluginState, len(all))
			for i := range all {
				states[i] = stateOf(&all[i])
			}
			if asJSON {
				return writeJSON(a.stdout, states)
			}
			if len(states) == 0 {
				_, err := fmt.Fprintf(a.stdout, "no plugins in %s\n", s.Root())
				return err
			}
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			for _, p := range states {
				state := "ok"
				if p.Fault != "" {
					state = "CHANGED"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.Name, p.Version, p.Kind, state, p.Description)
			}
			return w.Flush()
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) pluginsInstall(at *pluginsFlag) *cobra.Command {
	var o plugins.Options
	cmd := &cobra.Command{
		Use:   "install FOLDER",
		Short: "Install a plugin from a folder, or from its plugin.json",
		Long: `Copy a plugin into the folder of plugins and note the SHA-256 of each of its
files in lock.json there. From a folder go all its files, but for hidden ones;
from a plugin.json go it and the file that it names.

What the plugin's files import from elsewhere (Python and its packages) is not
copied, and not held to a checksum.`,
		Example: `  assay plugins install ./my-model --env MY_MODEL_KEY
  assay plugins install ./my-model --python ~/venvs/torch/bin/python
  assay plugins install bin/plugin.json --force
  assay generate starter --backend plugin:my-model --out mine.jsonl`,
		Args: want("FOLDER"),
		RunE: a.do(func(_ *cobra.Command, args []string) error {
			s, err := at.open()
			if err != nil {
				return err
			}
			p, err := s.Install(args[0], o)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "%s %s is installed, a %s: assay plugins test %[1]s\n", p.Manifest.Name, p.Manifest.Version, p.Manifest.Kind)
			if missing := refused(p); len(missing) > 0 {
				_, err = fmt.Fprintf(a.stdout, "It asks for %s, and is not granted that; to grant it: --force --env %s\n", strings.Join(missing, ", "), strings.Join(missing, ","))
			}
			return err
		}),
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&o.Env, "env", nil, "`variables` of your environment that it is granted")
	flags.StringVar(&o.Python, "python", "", "the Python that runs it, a `program` (default python3)")
	flags.BoolVar(&o.Force, "force", false, "put it in the place of one of the same name")
	return cmd
}

// refused lists what a plugin asks for and is not granted.
func refused(p *plugins.Plugin) []string {
	granted := make(map[string]bool)
	for _, name := range p.Env {
		granted[name] = true
	}
	var out []string
	for _, name := range p.Manifest.Env {
		if !granted[name] {
			out = append(out, name)
		}
	}
	return out
}

func (a *app) pluginsInfo(at *pluginsFlag) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "info NAME",
		Short: "Say what a plugin is, what it was granted, and whether it is what was installed",
		Args:  want("NAME"),
		RunE: a.do(func(_ *cobra.Command, args []string) error {
			p, err := find(at, args[0])
			if err != nil {
				return err
			}
			i := stateOf(p)
			if asJSON {
				return writeJSON(a.stdout, i)
			}
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			for _, line := range [][2]string{
				{"name", i.Name}, {"version", i.Version}, {"kind", string(i.Kind)}, {"protocol", fmt.Sprint(i.Protocol)},
				{"description", i.Description}, {"folder", i.Folder}, {"runs", strings.Join(i.Command, " ")},
				{"asks for", strings.Join(i.Asks, ", ")}, {"is granted", strings.Join(i.Granted, ", ")},
				{"sha-256", i.SHA256}, {"fault", i.Fault},
			} {
				if line[1] != "" {
					fmt.Fprintf(w, "%s\t%s\n", line[0], line[1])
				}
			}
			return w.Flush()
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) pluginsRemove(at *pluginsFlag) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a plugin",
		Args:  want("NAME"),
		RunE: a.do(func(_ *cobra.Command, args []string) error {
			s, err := at.open()
			if err != nil {
				return err
			}
			return s.Remove(args[0])
		}),
	}
}

func find(at *pluginsFlag, name string) (*plugins.Plugin, error) {
	s, err := at.open()
	if err != nil {
		return nil, err
	}
	return s.Find(name)
}
