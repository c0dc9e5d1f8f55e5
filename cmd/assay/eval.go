package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/benchmarks/peers"
	"github.com/assay-dev/assay/harness/judge"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/runtimes/python"
)

// evalFlags are what eval is asked for.
type evalFlags struct {
	suite, samples, out string
	write               sampleFlags // with a backend, in place of samples
	source              *peers.Source

	pick     taskFlags
	partial  bool
	baseOnly bool

	calibrated   bool
	runnableOnly bool

	workers int
	limitFlags
	compat    string
	ks        []int
	failUnder float64

	resume, force bool
	fresh         bool
	data          string
	runtime       runtimeFlags
	json, quiet   bool
}

func (a *app) evalCommand() *cobra.Command {
	f := &evalFlags{}
	cmd := &cobra.Command{
		Use:   "eval SUITE (--samples FILE | --backend BACKEND) --out DIR",
		Short: "Judge the samples of a suite and score them",
		Long: `Judge every sample of a suite in the sandbox, and write the results to a folder:

  results.jsonl      one record for each sample, the same bytes on every run
  summary.json       pass@k with intervals, counts by verdict, hashes, options
  eval_results.json  the same verdicts in evalplus's form
  log.jsonl          what was judged, as it was judged: --resume goes on from it
  candidates/        the programs, for show and verify

and for BigCodeBench its own two files, bigcodebench_eval_results.json with a
traceback for each test that failed, and bigcodebench_pass_at_k.json.

Samples are JSON lines (or .jsonl.gz) with "task_id" and "solution" (a whole
program) or "completion" (what follows the prompt), a folder with a folder for
each task (HumanEval_0/0.py), or a word: canonical, the suite's own solutions,
or examples, samples right and wrong that starter brings along. What
lm-evaluation-harness (samples_TASK_DATE.jsonl), bigcode-evaluation-harness
(generations_TASK.json) and LiveCodeBench ([{"question_id", "code_list"}]) write
does as it is; their results are then written too: results_lm_eval.json,
evaluation_results.json, codegeneration_output*.json.

With --backend a model writes them, as assay generate has it (see there for the
backends), and they are judged while others are still being written. They and
the model's answers are kept in DIR: samples.jsonl, samples.raw.jsonl and
samples.requests.jsonl. The same command goes on after an interruption, asks for
no answer twice, and ends with the bytes that generate and then eval end with.

Exit code: 0 when every sample was judged, 1 on a fault of the input or of ours
or below --fail-under, 2 on wrong usage, 130 when interrupted.`,
		Example: `  assay eval starter --samples examples --out out
  assay eval humaneval+ --samples samples.jsonl --out out
  assay eval mbpp+@v0.1.0 --samples samples/ --out out --compat evalplus-0.3.1
  assay eval humaneval+ --samples s.jsonl --out out --tasks 'HumanEval/1?' --limit 3
  assay eval humaneval+ --samples s.jsonl --out out --resume     after an interruption
  assay eval bigcodebench --samples s.jsonl --out out --runnable-only    of the problems that can pass here
  assay eval mbpp+ --backend openai --model M -n 10 --temperature 0.8 --out out    written and judged
  assay eval starter --samples s.jsonl --out out --fail-under 0.8 --quiet    in CI`,
		Args: want("SUITE"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			f.suite = args[0]
			f.write.ask.complete(cmd.Flags(), f.write.temperature > 0)
			return a.eval(cmd.Context(), f)
		}),
	}
	f.register(cmd)
	return cmd
}

func (f *evalFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.samples, "samples", "", "`file` or folder of samples, or canonical, or examples")
	flags.StringVar(&f.out, "out", "", "results `folder`, made when absent")
	f.pick.register(flags, "tasks")
	flags.BoolVar(&f.partial, "partial", false, "accept samples that leave tasks out; score the others")
	flags.BoolVar(&f.baseOnly, "base-only", false, "leave the plus inputs out")
	flags.BoolVar(&f.calibrated, "calibrated", true, "put BigCodeBench's head of a function before each of its solutions, as it does itself")
	flags.BoolVar(&f.runnableOnly, "runnable-only", false, "leave problems out of the score that counts whose own solution can't pass here (assay suites info names them)")
	flags.StringVar(&f.compat, "compat", string(benchmarks.EvalplusMain), "whose rules where evalplus's versions differ: evalplus or evalplus-0.3.1; or as-is, for BigCodeBench with today's libraries as they are")
	flags.IntSliceVar(&f.ks, "k", nil, "the k of pass@k, as far as there are samples (default 1,5,10,100)")
	flags.Float64Var(&f.failUnder, "fail-under", 0, "exit 1 when pass@1 (of plus where there is one) is below this `share`, 0 to 1")
	flags.IntVar(&f.workers, "workers", 0, "programs judged at once (default one for each core, fewer when memory is short)")
	f.registerLimits(flags)
	flags.BoolVar(&f.resume, "resume", false, "go on with the run that the folder holds")
	flags.BoolVar(&f.force, "force", false, "start over where the folder holds a run")
	flags.BoolVar(&f.fresh, "fresh", false, "judge anew what an earlier run has judged, instead of taking its verdict from the cache")
	flags.StringVar(&f.data, "data", "", "the suite's data set, a `file` of your own")
	f.runtime.register(flags)
	f.write.ask.registerWho(flags)
	f.write.register(flags)
	f.write.ask.registerPace(flags)
	flags.BoolVar(&f.json, "json", false, "print the summary as JSON, and nothing else, on stdout")
	flags.BoolVar(&f.quiet, "quiet", false, "print errors only")
}

func (f *evalFlags) check() error {
	switch {
	case f.samples == "" && !f.asks():
		return usagef("--samples is missing: a file or folder of samples, or canonical for the suite's own solutions; or name a model with --backend")
	case f.samples != "" && f.asks():
		return usagef("--samples are judged, and a model of --backend writes its own: pass one of them")
	case f.out == "":
		return usagef("--out is missing: the folder for the results")
	case f.resume && f.force:
		return usagef("--resume goes on with a run and --force starts over: pass one of them")
	case f.workers < 0:
		return usagef("--workers can't be negative")
	case !(f.failUnder >= 0 && f.failUnder <= 1):
		return usagef("--fail-under %v: a share is from 0 to 1", f.failUnder)
	}
	if err := f.checkLimits(); err != nil {
		return err
	}
	for _, k := range f.ks {
		if k < 1 {
			return usagef("--k %d: k is 1 or more", k)
		}
	}
	if err := f.pick.check(); err != nil {
		return err
	}
	info, err := lookup(f.suite)
	if err != nil {
		return err
	}
	compat, err := benchmarks.ParseCompat(f.compat)
	switch {
	case err != nil:
		return usageError{err}
	case compat == benchmarks.AsIs && info.Libraries == "":
		return usagef("--compat as-is is for suites with libraries of their own, as bigcodebench has them")
	}
	if f.asks() {
		if err := f.write.check(); err != nil {
			return err
		}
	}
	return f.runtime.check()
}

// asks says whether a model writes the samples.
func (f *evalFlags) asks() bool { return f.write.ask.backend != "" }

func (f *evalFlags) mode() run.Mode {
	switch {
	case f.resume, f.asks() && !f.force:
		return run.Resume
	case f.force:
		return run.Force
	}
	return run.Fresh
}

func (f *evalFlags) options() run.Options {
	o := f.limitFlags.options()
	o.Compat, o.BaseOnly = f.compat, f.baseOnly
	return o
}

func (a *app) eval(ctx context.Context, f *evalFlags) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	if f.asks() {
		return a.evalModel(ctx, f)
	}
	if f.mode() == run.Fresh {
		if err := run.Vacant(f.out); err != nil {
			return err
		}
	}
	s, err := a.openSession(f.quiet)
	if err != nil {
		return err
	}
	summary, err := a.judged(ctx, s, f)
	if err = errors.Join(err, s.close()); err != nil {
		return err
	}
	return a.report(f, summary)
}

// judged runs the judgement, from the samples to the results folder.
func (a *app) judged(ctx context.Context, s *session, f *evalFlags) (*run.Summary, error) {
	suite, err := s.openSuite(ctx, f.suite, f.data)
	if err != nil {
		return nil, err
	}
	f.runtime.libraries = suite.LibrariesUnder(benchmarks.Compat(f.compat))
	plan, err := s.plan(f, suite, f.samples)
	if err != nil {
		return nil, err
	}
	b, err := s.bench(ctx, f.runtime, f.workers, f.options(), f.fresh)
	if err != nil {
		return nil, err
	}
	return b.run(ctx, f, plan)
}

// plan finds the work in a file of samples.
func (s *session) plan(f *evalFlags, suite *benchmarks.Suite, path string) (*run.Plan, error) {
	samples, err := peers.Read(path, suite)
	if err != nil {
		return nil, err
	}
	f.source = samples.Source
	for _, w := range samples.Warnings {
		s.display.notice("warning: " + w)
	}
	if f.calibrated {
		peers.Calibrate(samples.All, suite)
	}
	sel := f.pick.selection()
	sel.Partial = f.partial
	return run.NewPlan(suite, samples.All, sel)
}

// bench is what judges: a session with its runtime and a judge.
type bench struct {
	*session
	judge   *judge.Judge
	workers int
}

// bench opens the runtime, for so many programs at once, and makes the judge that
// the options describe. A fresh one takes no verdict from the cache.
func (s *session) bench(ctx context.Context, f runtimeFlags, asked int, o run.Options, fresh bool) (*bench, error) {
	workers, err := s.openFor(ctx, f, asked, o.Limits)
	if err != nil {
		return nil, err
	}
	j, err := s.newJudge(o, fresh)
	return &bench{s, j, workers}, err
}

func (b *bench) run(ctx context.Context, f *evalFlags, plan *run.Plan) (*run.Summary, error) {
	runnable, err := b.runnable(f, plan.Suite())
	if err != nil {
		return nil, err
	}
	return run.Run(ctx, run.Config{
		Dir: f.out, Mode: f.mode(), Plan: plan, Judge: b.judge, Options: f.options(),
		Runtime: b.runtimeID(), Version: version,
		Workers: b.workers, K: f.ks,
		Runnable: runnable, RunnableOnly: f.runnableOnly,
		BigCodeBench: f.bigCodeBench(), Source: f.source,
		Progress: b.display.status, Notice: b.display.notice,
	})
}

// bigCodeBench says what its files say of the samples; nil for other suites.
func (f *evalFlags) bigCodeBench() *peers.BigCodeBench {
	if !strings.HasPrefix(f.runtime.libraries, python.BigCodeBench) {
		return nil
	}
	name := "samples.jsonl" // by a model
	if f.samples != "" {
		name = filepath.Base(f.samples)
	}
	return &peers.BigCodeBench{Samples: name, Split: f.write.split, Calibrated: f.calibrated}
}

// report prints what came out, and turns it into the exit code.
func (a *app) report(f *evalFlags, s *run.Summary) error {
	switch {
	case f.json:
		if err := writeJSON(a.stdout, s); err != nil {
			return err
		}
	case !f.quiet:
		if err := a.table(f.out, s); err != nil {
			return err
		}
	}
	if n := s.InfraErrors(); n > 0 {
		return fmt.Errorf("%d of %d samples could not be judged, by a fault of ours (infra_error in %s/results.jsonl): try them again with --resume", n, s.Samples, f.out)
	}
	e, ok := s.Scores[s.Strictest()].At(1)
	if f.failUnder > 0 && (!ok || e.Value < f.failUnder) {
		return fmt.Errorf("pass@1 of %s is %.4f, below --fail-under %v", s.Strictest(), e.Value, f.failUnder)
	}
	return nil
}
