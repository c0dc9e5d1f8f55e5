package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/harness/generate"
	"github.com/assay-dev/assay/harness/run"
)

// codeflowFlags are what codeflow is asked for.
type codeflowFlags struct {
	suite, tasks, out string
	ask               askFlags
	style             string

	iterations   int
	traces       int
	bestOf       int
	feedback     string
	temperatures []float64

	against []string
	ngram   int
	least   codeflow.Least

	judgeModel string

	pick    taskFlags
	partial bool

	workers     int
	limits      limitFlags
	force       bool
	data        string
	runtime     runtimeFlags
	json, quiet bool
}

func (a *app) codeflowCommand() *cobra.Command {
	f := &codeflowFlags{}
	cmd := &cobra.Command{
		Use:   "codeflow --suite SUITE | --tasks FILE --backend BACKEND --model MODEL --out DIR",
		Short: "Have a model debug its own programs, and keep the traces",
		Long: `Ask a model for a program, run it, tell the model what went wrong, and ask again,
until it passes or the iterations are used up:

  DIR/traces.jsonl    each task's way, step by step: answer, program, verdict, feedback
  DIR/stats.json      pass rate by iteration with intervals, tokens, moves of verdicts
  DIR/requests.jsonl  every request and its answer, as it came

The last one is why nothing is paid for twice: the same command, after Ctrl-C or
a crash, asks only for what is not answered there. The other two have the same
bytes however the answers came.

With --suite the suite's problems are the tasks. --feedback base tells the model
about their base inputs and holds the plus inputs out: stats.json then says what
refining is worth on inputs that it never saw. --feedback all tells about all
inputs, and --feedback none asks the first question again: plain sampling, to
compare with.

Problems are put in a chat. --prompt base is for models that only go on with a
text: they read the problem's own beginning, and after an attempt that failed the
attempt, what went wrong as comments, and the beginning again.

With --tasks each line of FILE is a task: {"task": "Write a function …"}, or
{"snippet": "code", "concepts": ["heaps"]} of which the model makes one, with a
"task_id" or without. The model writes solution and tests; a program passes when
its tests do. Then the tests are looked at: those that assert nothing, pass with
hollow functions, or don't pass in another order, on another day and with other
random numbers drop the trace; their coverage of lines and branches and the
share of broken solutions that they notice are measured, and --least drops what
is below. Tasks that have ten words in a row in common with a problem of --against
are dropped before anything is asked for them.

Backends are those of assay generate. In a replay file of rows, the k-th row of
a task is its k-th attempt (of its second trace, the one with "sample": 1000 + k);
rows of TASK:task and TASK:marks answer what is asked for the task itself and for
the marks.

Exit code: 0 when every trace is finished, whether it passed or not, 1 on a fault
or when traces could not be finished, 2 on wrong usage, 130 when interrupted.`,
		Example: `  assay codeflow --suite humaneval+ --backend openai:http://localhost:8000/v1 --model Qwen/Qwen2.5-Coder-7B-Instruct --out out/flow
  assay codeflow --suite mbpp+ --backend openai --model gpt-4o-mini --temperature 0,0.6,0.9 --best-of 1 --iterations 5 --out out/mini
  assay codeflow --suite humaneval+ --backend openai --model gpt-4o-mini --temperature 0.8 --feedback none --out out/plain
  assay codeflow --tasks tasks.jsonl --backend openai --model gpt-4o-mini --temperature 0.6 --least lines=0.9,mutants=0.5,marks=3 --out out/pairs
  assay codeflow --suite starter --backend replay:out/flow/requests.jsonl --model M --out again     the same run without the model`,
		Args: cobra.NoArgs,
		RunE: a.do(func(cmd *cobra.Command, _ []string) error {
			f.ask.complete(cmd.Flags(), f.warm())
			return a.codeflow(cmd.Context(), f)
		}),
	}
	f.register(cmd)
	cmd.AddCommand(a.showTraceCommand())
	return cmd
}

func (f *codeflowFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.suite, "suite", "", "the `suite` whose problems are the tasks; name@version where there are several")
	flags.StringVar(&f.tasks, "tasks", "", "`file` of written tasks, or of what tasks are made of")
	f.ask.registerWho(flags)
	flags.StringVar(&f.out, "out", "", "`folder` of the traces, made when absent")
	flags.StringVar(&f.style, "prompt", string(generate.Instruct), "of a suite: instruct asks in a chat, base has a model go on with the text of a file")
	flags.IntVar(&f.iterations, "iterations", 5, "refinements after the first attempt, at most")
	flags.StringVar(&f.feedback, "feedback", string(codeflow.FromBase), "what the model is told: base, all or none")
	flags.IntVarP(&f.traces, "n", "n", 1, "traces of each task")
	flags.IntVar(&f.bestOf, "best-of", 1, "attempts in each iteration; the best one goes on")
	flags.Float64SliceVar(&f.temperatures, "temperature", []float64{0}, "of the first attempt, and of each iteration after it: 0,0.4,0.8; the last holds for the rest")
	f.ask.registerSampling(flags, 2048)
	flags.StringSliceVar(&f.against, "against", []string{"humaneval+", "mbpp+"}, "`suites` that no written task may be close to; none for no such look")
	flags.IntVar(&f.ngram, "ngram", codeflow.DefaultNGram, "words in a row that are too close")
	flags.Var((*leastFlag)(&f.least), "least", "what tests must reach: `shares` of lines, branches and mutants, and marks from 1 to 5 by the model: lines=0.9,marks=3")
	flags.StringVar(&f.judgeModel, "judge-model", "", "the `name` of the model that gives the marks (default --model)")
	f.pick.register(flags, "only")
	flags.BoolVar(&f.partial, "partial", false, "write what there is when traces could not be finished")
	f.ask.registerPace(flags)
	flags.IntVar(&f.workers, "workers", 0, "programs judged at once (default one for each core, fewer when memory is short)")
	f.limits.registerLimits(flags)
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
	if err := f.pick.check(); err != nil {
		return err
	}
	switch {
	case (f.suite == "") == (f.tasks == ""):
		return usagef("pass one of --suite, whose problems are the tasks, and --tasks, a file of tasks")
	case f.tasks != "" && (len(f.pick.tasks) > 0 || f.data != ""):
		return usagef("--only and --data are for --suite: leave lines out of the file of tasks, or take the first ones with --limit")
	case f.suite != "" && f.least != codeflow.Least{}:
		return usagef("--least is about tests that the model writes, for --tasks: a suite has tests of its own")
	case f.tasks != "" && f.style == string(generate.Base):
		return usagef("--prompt base is for --suite: a written task asks for a solution and tests, which takes a model that chats")
	case f.judgeModel != "" && f.least.Marks == 0:
		return usagef("--judge-model gives marks, which nobody asks for: pass --least marks=3")
	case f.ngram < 6:
		return usagef("--ngram %d: fewer than 6 words in a row are in common by chance", f.ngram)
	case f.out == "":
		return usagef("--out is missing: the folder for the traces")
	case f.iterations < 0 || f.iterations > codeflow.MaxIterations:
		return usagef("--iterations %d: from 0, the first attempt alone, to %d", f.iterations, codeflow.MaxIterations)
	case f.bestOf < 1 || f.bestOf > codeflow.MaxBestOf:
		return usagef("--best-of %d: from 1 to %d", f.bestOf, codeflow.MaxBestOf)
	case f.traces < 1 || f.workers < 0:
		return usagef("-n is 1 or more; --workers can't be negative")
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
	if _, err := generate.ParseStyle(f.style); err != nil {
		return usageError{err}
	}
	suites := f.suites()
	if f.suite != "" {
		suites = []string{f.suite}
	}
	for _, name := range suites {
		if _, err := lookup(name); err != nil {
			return err
		}
	}
	if err := f.limits.checkLimits(); err != nil {
		return err
	}
	return f.runtime.check()
}

// suites are those that no written task may be close to.
func (f *codeflowFlags) suites() []string {
	if slices.Equal(f.against, []string{"none"}) {
		return nil
	}
	return f.against
}

func (a *app) codeflow(ctx context.Context, f *codeflowFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	end, err := f.ask.open(ctx, filepath.Join(f.out, "plugin.log"))
	if err != nil {
		return err
	}
	defer end()
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
	c := codeflow.Config{
		Dir: f.out, Client: s.client,
		Options: codeflow.Options{
			Model: f.ask.model, Prompt: generate.Style(f.style), Iterations: f.iterations, Traces: f.traces, BestOf: f.bestOf,
			Feedback: codeflow.Feedback(f.feedback), Temperatures: f.temperatures,
			TopP: f.ask.topP, MaxTokens: f.ask.maxTokens, Seed: f.ask.seedOrNone(), Least: f.least, JudgeModel: f.judgeModel,
		},
		Partial: f.partial, Progress: s.display.flowed,
	}
	if err := f.find(ctx, s, &c); err != nil {
		return nil, err
	}
	b, err := s.bench(ctx, f.runtime, f.workers, f.limits.options(), false)
	if err != nil {
		return nil, err
	}
	c.Programs, c.Judge, c.Runtime, c.Workers = b.worker, b.judge, b.python.Identity, b.workers
	return codeflow.Run(ctx, c)
}

// find finds the tasks, and what they may not be close to.
func (f *codeflowFlags) find(ctx context.Context, s *asking, c *codeflow.Config) error {
	if f.suite != "" {
		suite, err := s.openSuite(ctx, f.suite, f.data)
		if err != nil {
			return err
		}
		problems, err := run.SelectTasks(suite, f.pick.selection())
		f.runtime.libraries = suite.Libraries
		c.Tasks = codeflow.FromSuite(suite, problems, generate.Style(f.style))
		return err
	}
	tasks, err := codeflow.ReadTasks(f.tasks)
	if err != nil {
		return err
	}
	if f.pick.limit > 0 {
		tasks = tasks[:min(f.pick.limit, len(tasks))]
	}
	c.Tasks, c.Overlaps = tasks, codeflow.NewOverlaps(f.ngram)
	for _, name := range f.suites() {
		suite, err := s.openSuite(ctx, name, "")
		if err != nil {
			return fmt.Errorf("looking for tasks that are a benchmark's: %w; or name other suites with --against, or none", err)
		}
		c.Overlaps.Add(suite)
	}
	return nil
}
