package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/plugins"
	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/runtimes"
)

// Exit codes of run for what stopped a program; its own code otherwise.
const (
	exitOutOfFuel   = 124
	exitStopped     = 125
	exitOutOfMemory = 137
)

type runFlags struct {
	memory      byteCount
	fuel        fuelCount
	language    string
	python      pythonFlag
	plugins     pluginsFlag
	runtime     runtimeFlags
	json, quiet bool
}

func (a *app) runCommand() *cobra.Command {
	f := &runFlags{memory: 1 << 30, fuel: 20e9}
	cmd := &cobra.Command{
		Use:   "run [flags] FILE [ARGS...]",
		Short: "Run one program under the limits",
		Long: `Run a program in the sandbox and say how it ended, with the fuel and the memory
that it used. FILE is a Python program; a Go program, told by its name, that the
Go toolchain of this machine compiles; a program of the language that a plugin
compiles (--runtime plugin:NAME); or a WebAssembly module that is a WASI preview
1 command, as compilers for C, Rust and others write them (told by its first
bytes). What is compiled is compiled each time. FILE - is standard input;
otherwise standard input is the program's, unless it is a terminal. Flags of
assay go before FILE.

What the program writes goes to stdout and stderr (escaped on a terminal), the
report to stderr; with --json all of it is one object on stdout.

Exit code: the program's own, 1 for an uncaught exception or a program that does
not compile, 124 out of fuel,
137 out of memory, 125 any other limit (that of a compiler too) or trap; 1 also
for a fault of ours.`,
		Example: `  assay run hello.py
  echo 3 4 | assay run --fuel 1e9 --memory 256MiB add.py --verbose
  assay run --json program.wasm
  assay run --runtime plugin:c program.c`,
		Args: atLeast("FILE"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			return a.runFile(cmd.Context(), f, args[0], args[1:])
		}),
	}
	flags := cmd.Flags()
	flags.SetInterspersed(false)
	flags.Var(&f.memory, "memory", "memory of the program")
	flags.Var(&f.fuel, "fuel", "fuel of the program")
	flags.StringVar(&f.language, "runtime", "", "what the program is for, by `name`: "+runtimeNames()+", or plugin:NAME (default: by FILE's name, or python)")
	f.python.register(flags, "native")
	f.plugins.register(flags)
	f.runtime.register(flags)
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	flags.BoolVar(&f.quiet, "quiet", false, "leave the report out")
	return cmd
}

func (a *app) runFile(ctx context.Context, f *runFlags, path string, args []string) error {
	if err := f.runtime.check(); err != nil {
		return err
	}
	python, err := f.python.held()
	if err != nil {
		return err
	}
	source, stdin, err := a.readProgram(path)
	if err != nil {
		return err
	}
	job := &runtimes.Job{
		Language: f.languageOf(path, source), Mode: runtimes.ModeMain,
		Program: runtimes.Program{Source: string(source), Name: filepath.Base(path), Python: python},
		Args:    args, Stdin: stdin,
		Limits: runtimes.Limits{LoadFuel: uint64(f.fuel), CallFuel: uint64(f.fuel), MemoryBytes: uint64(f.memory)},
	}
	if err := f.check(job.Language, path); err != nil {
		return err
	}
	s, err := a.openSession(f.quiet || f.json)
	if err != nil {
		return err
	}
	outcome, err := s.runJob(ctx, f, job)
	if err = errors.Join(err, s.close()); err != nil {
		return err
	}
	return a.printOutcome(f, outcome)
}

// languageOf is the language of a program: by the flag, the file's name, or the
// first bytes; Python's where nothing says otherwise.
func (f *runFlags) languageOf(path string, source []byte) string {
	switch name := languageOf(path); {
	case f.language != "":
		return f.language
	case name != "":
		return name
	case isModule(path, source):
		return runtimes.Wasm
	}
	return runtimes.Python
}

// check refuses flags that mean nothing for a program of the language.
func (f *runFlags) check(language, path string) error {
	switch {
	case f.runtime.wheel != "" && language != runtimes.Python:
		return usagef("--wheel is of Python programs, and %s is one of %s", path, language)
	case f.python != "" && language != runtimes.Python:
		return usagef("--python is of Python programs, and %s is one of %s", path, language)
	case f.plugins.root != "" && !strings.HasPrefix(language, plugins.Prefix):
		return usagef("--plugins is of programs that a plugin compiles, and %s is one of %s: --runtime plugin:NAME names the plugin", path, language)
	}
	return nil
}

// runJob runs one job of the command line's.
func (s *session) runJob(ctx context.Context, f *runFlags, job *runtimes.Job) (runtimes.Outcome, error) {
	languages := func(ctx context.Context, name string) (language.Language, func(), error) {
		return openLanguage(ctx, name, f.plugins, notices{s.display})
	}
	if err := s.openWorker(f.runtime, languages, 1, uint64(f.memory)); err != nil {
		return runtimes.Outcome{}, err
	}
	return s.worker.Run(ctx, job, nil)
}

// runReport is what --json prints.
type runReport struct {
	Outcome   runtimes.Kind           `json:"outcome"`
	ExitCode  int                     `json:"exit_code"`
	Fuel      uint64                  `json:"fuel"`
	Pages     uint32                  `json:"pages"` // peak linear memory, pages of 64 KiB
	Detail    string                  `json:"detail,omitempty"`
	Exception *runtimes.ExceptionInfo `json:"exception,omitempty"`
	Stdout    string                  `json:"stdout"`
	Stderr    string                  `json:"stderr"`
}

func (a *app) printOutcome(f *runFlags, o runtimes.Outcome) error {
	code := outcomeCode(o)
	var err error
	if f.json {
		err = writeJSON(a.stdout, runReport{o.Kind, code, o.Fuel, o.Pages, o.Detail, o.Exception, string(o.Stdout), string(o.Stderr)})
	} else {
		err = errors.Join(passOn(a.stdout, o.Stdout), passOn(a.stderr, o.Stderr), a.tell(f, o, code))
	}
	if err == nil && code != 0 {
		err = codeError(code)
	}
	return err
}

// passOn writes what a program wrote, escaped where a terminal would obey it.
func passOn(w io.Writer, data []byte) error {
	if isTerminal(w) {
		data = []byte(excerpt.Escape(string(data)))
	}
	_, err := w.Write(data)
	return err
}

func (a *app) tell(f *runFlags, o runtimes.Outcome, code int) error {
	if x := o.Exception; x != nil {
		fmt.Fprintf(a.stderr, "%s%s: %s\n", excerpt.Escape(x.Traceback), excerpt.Escape(x.Type), excerpt.Escape(x.Message))
	}
	if f.quiet {
		return nil
	}
	how := string(o.Kind)
	if o.Kind == runtimes.OK && code != 0 {
		how = fmt.Sprintf("exit code %d", code)
	} else if o.Kind != runtimes.OK && o.Detail != "" {
		how += " (" + excerpt.Escape(o.Detail) + ")"
	}
	_, err := fmt.Fprintf(a.stderr, "%s, fuel %s, memory %s\n", how, humanize.Grouped(o.Fuel), humanize.Bytes(int64(o.Pages)<<16))
	return err
}

func outcomeCode(o runtimes.Outcome) int {
	switch o.Kind {
	case runtimes.OK:
		n, err := strconv.ParseInt(o.Detail, 10, 64)
		if err != nil {
			return exitOK
		}
		return int(n & 0xff)
	case runtimes.Exception, runtimes.SyntaxError:
		return exitFault
	case runtimes.OutOfFuel:
		return exitOutOfFuel
	case runtimes.OutOfMemory:
		return exitOutOfMemory
	}
	return exitStopped
}

// Bounds of what run reads, in bytes.
const (
	maxProgram = 16 << 20
	maxModule  = 256 << 20
	maxStdin   = 64 << 20
)

// isModule says whether a program is a WebAssembly module, or means to be one.
func isModule(name string, program []byte) bool {
	return filepath.Ext(name) == ".wasm" || bytes.HasPrefix(program, []byte("\x00asm"))
}

// readProgram reads the program, and its standard input where there is one.
func (a *app) readProgram(path string) (source, stdin []byte, err error) {
	if path == "-" {
		source, err = readSource(a.stdin, "standard input")
		return source, nil, err
	}
	file, err := plainfile.OpenStream(context.Background(), path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	if source, err = readSource(file, path); err != nil || isTerminal(a.stdin) {
		return source, nil, err
	}
	stdin, err = readBounded(a.stdin, "standard input", maxStdin)
	return source, stdin, err
}

func readBounded(r io.Reader, name string, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%s has more than %s", name, humanize.Bytes(most))
	}
	return data, nil
}

// readSource reads a program. A module may be larger than a text.
func readSource(r io.Reader, name string) ([]byte, error) {
	buffered := bufio.NewReader(r)
	most := int64(maxProgram)
	if magic, _ := buffered.Peek(4); isModule(name, magic) {
		most = maxModule
	}
	return readBounded(buffered, name, most)
}
