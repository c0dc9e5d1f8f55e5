package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"assay/benchmarks"
	"assay/harness/codeflow"
	"assay/harness/judge"
	"assay/harness/run"
	"assay/runtimes"
)

// codeflowFlags are what codeflow is asked for.
type codeflowFlags struct {
	suite, out string
	ask        askFlags

	iterations   int
	traces       int
	bestOf       int
	feedback     string
	temperatures []float64

	only    []string
	limit   int
	partial bool

	workers     int
	force       bool
	data        string
	runtime     runtimeFlags
	json, quiet bool
}

func (a *app) codeflowCommand() *cobra.Command {
	f := &codeflowFlags{}
	cmd := &cobra.Command{
		Use:   "codeflow --suite SUITE --backend BACKEND --model MODEL --out DIR",
		Short: "Have a model debug its own programs, and keep the traces",
		Long: `Ask a model for a program, run it, tell the model what went wrong, and ask again,
until it passes or the iterations are used up:

  DIR/traces.jsonl    each task's way, step by step: answer, program, verdict, feedback
  DIR/stats.json      pass rate by iteration with intervals, tokens, moves of verdicts
  DIR/requests.jsonl  every request and its answer, as it came

The last one is why nothing is paid for twice: the same command, after Ctrl-C or
a crash, asks only for what is not answered there. The other two have the same
bytes however the answers came.

The suite's problems are the tasks. --feedback base tells the model about its
base inputs and holds the plus inputs out: stats.json then says what refining is
worth on inputs that it never saw. --feedback all tells about all inputs, and
--feedback none asks the first question again: plain sampling, to compare with.

Backends are those of assay generate. In a replay file of rows, the k-th row of
a task is its k-th attempt.

Exit code: 0 when every trace is finished, whether it passed or not, 1 on a fault
or when traces could not be finished, 2 on wrong usage, 130 when interrupted.`,
		Example: `  assay codeflow --suite humaneval+ --backend openai:http://localhost:8000/v1 --model Qwen/Qwen2.5-Coder-7B-Instruct --out out/flow
  assay codeflow --suite mbpp+ --backend openai --model gpt-4o-mini --temperature 0,0.6,0.9 --best-of 1 --iterations 5 --out out/mini
  assay codeflow --suite humaneval+ --backend openai --model gpt-4o-mini --temperature 0.8 --feedback none --out out/plain
  assay codeflow --suite starter --backend replay:out/flow/requests.jsonl --model M --out again     the same run without the model`,
		Args: cobra.NoArgs,
		RunE: a.do(func(cmd *cobra.Command, _ []string) error {
			f.ask.complete(cmd.Flags(), f.warm())
			return a.codeflow(cmd.Context(), f)
		}),
	}
	f.register(cmd)
	return cmd
}

func (f *codeflowFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.suite, "suite", "", "the `suite` whose problems are the tasks; name@version where there are several")
	f.ask.registerWho(flags)
	flags.StringVar(&f.out, "out", "", "`folder` of the traces, made when absent")
	flags.IntVar(&f.iterations, "iterations", 5, "refinements after the first attempt, at most")
	flags.StringVar(&f.feedback, "feedback", string(codeflow.FromBase), "what the model is told: base, all or none")
	flags.IntVarP(&f.traces, "n", "n", 1, "traces of each task")
	flags.IntVar(&f.bestOf, "best-of", 1, "attempts in each iteration; the best one goes on")
	flags.Float64SliceVar(&f.temperatures, "temperature", []float64{0}, "of the first attempt, and of each iteration after it: 0,0.4,0.8; the last holds for the rest")
	f.ask.registerSampling(flags, 2048)
	flags.StringSliceVar(&f.only, "only", nil, "only these tasks: ids or `globs`, also of what follows the slash (3,1?)")
	flags.IntVar(&f.limit, "limit", 0, "only the first `n` of the selected tasks")
	flags.BoolVar(&f.partial, "partial", false, "write what there is when traces could not be finished")
	f.ask.registerPace(flags)
	flags.IntVar(&f.workers, "workers", 0, "programs judged at once (default one for each core, fewer when memory is short)")
	flags.BoolVar(&f.force, "force", false, "forget the answers that are there and ask anew")
	flags.StringVar(&f.data, "data", "", "the suite's data set, a `file` of your own")
	f.runtime.register(flags)
	flags.BoolVar(&f.json, "json", false, "print the statistics as JSON, and nothing else, on stdout")
	flags.BoolVar(&f.quiet, "quiet", false, "print errors only")
}

// warm says whether any attempt is sampled.
func (f *codeflowFlags) warm() bool {
	for _, t := range f.temperatures {
		if t > 0 {
			return true
		}
	}
	return false
}

func (f *codeflowFlags) check() error {
	if err := f.ask.check(); err != nil {
		return err
	}
	switch {
	case f.suite == "":
		return usagef("--suite is missing: the suite whose problems are the tasks")
	case f.out == "":
		return usagef("--out is missing: the folder for the traces")
	case f.iterations < 0 || f.iterations > codeflow.MaxIterations:
		return usagef("--iterations %d: from 0, the first attempt alone, to %d", f.iterations, codeflow.MaxIterations)
	case f.bestOf < 1 || f.bestOf > codeflow.MaxBestOf:
		return usagef("--best-of %d: from 1 to %d", f.bestOf, codeflow.MaxBestOf)
	case f.traces < 1 || f.limit < 0 || f.workers < 0:
		return usagef("-n is 1 or more; --limit and --workers can't be negative")
	case len(f.temperatures) == 0:
		return usagef("--temperature names none: pass 0 for greedy attempts")
	}
	for i, t := range f.temperatures {
		switch {
		case !isTemperature(t):
			return usagef("--temperature %v: a temperature is 0, for greedy, or more", t)
		case t == 0 && (f.bestOf > 1 || i == 0 && f.traces > 1):
			return usagef("several attempts at temperature 0 are one attempt several times: pass --temperature 0.8, or -n 1 --best-of 1")
		case t == 0 && i == len(f.temperatures)-1 && f.feedback == string(codeflow.NoFeedback) && f.iterations > 0:
			return usagef("--feedback none at temperature 0 asks the same question for the same answer: pass --temperature 0.8")
		}
	}
	if _, err := codeflow.ParseFeedback(f.feedback); err != nil {
		return usageError{err}
	}
	if _, err := benchmarks.Lookup(f.suite); err != nil {
		return usageError{err}
	}
	return f.runtime.check()
}

func (a *app) codeflow(ctx context.Context, f *codeflowFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	if err := f.ask.open(); err != nil {
		return err
	}
	if err := f.claim(); err != nil {
		return err
	}
	s, err := a.openAsking(ctx, &f.ask, filepath.Join(f.out, codeflow.LogName), f.force, f.quiet)
	if err != nil {
		return err
	}
	stats, err := a.flowed(ctx, s, f)
	if err = errors.Join(err, s.close()); err != nil {
		return err
	}
	return a.reportFlow(f, stats)
}

// claim sees to it that only a folder of such a run is written over.
func (f *codeflowFlags) claim() error {
	traces := filepath.Join(f.out, codeflow.TracesName)
	_, noLog := os.Lstat(filepath.Join(f.out, codeflow.LogName))
	if _, err := os.Lstat(traces); err == nil && noLog != nil && !f.force {
		return fmt.Errorf("%s is there, without the log of its requests: name another folder with --out, or write over it with --force", traces)
	}
	return os.MkdirAll(f.out, 0o755)
}

// flowed makes the traces. Python is made ready first: should it be missing,
// nothing has been paid.
func (a *app) flowed(ctx context.Context, s *asking, f *codeflowFlags) (*codeflow.Stats, error) {
	suite, err := s.openSuite(ctx, f.suite, f.data)
	if err != nil {
		return nil, err
	}
	problems, err := run.SelectTasks(suite, f.only, f.limit)
	if err != nil {
		return nil, err
	}
	memory := runtimes.Limits{}.WithDefaults().MemoryBytes
	workers, err := s.workers(f.workers, memory)
	if err != nil {
		return nil, err
	}
	if err := s.openRuntime(ctx, f.runtime, workers, memory); err != nil {
		return nil, err
	}
	j, err := s.newJudge(run.Options{FuelFactor: judge.DefaultFuelFactor, FuelFloor: judge.DefaultFloor}, false)
	if err != nil {
		return nil, err
	}
	return codeflow.Run(ctx, codeflow.Config{
		Dir: f.out, Tasks: codeflow.FromSuite(suite, problems), Client: s.client,
		Options: codeflow.Options{
			Model: f.ask.model, Iterations: f.iterations, Traces: f.traces, BestOf: f.bestOf,
			Feedback: codeflow.Feedback(f.feedback), Temperatures: f.temperatures,
			TopP: f.ask.topP, MaxTokens: f.ask.maxTokens, Seed: f.ask.seedOrNone(),
		},
		Extractor: s.runtime, Judge: j, Runtime: s.runtime.Identity(), Workers: workers, Partial: f.partial,
		Progress: s.display.flowed,
	})
}
