package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/benchmarks/peers"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/generate"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/runtimes/python"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

// evalFlags are what eval is asked for.
type evalFlags struct {
	suite, samples, out string
	write               sampleFlags // with a backend, in place of samples

	pick     taskFlags
	partial  bool
	baseOnly bool

	calibrated   bool
	runnableOnly bool
	undisputed   bool

	workers   int
	limits    limitFlags
	compat    string
	libs      libsFlag
	python    pythonFlag
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
  assay eval humaneval+ --samples s.jsonl --out out --without-disputed    a score without wrong tasks, beside
  assay eval bigcodebench --samples s.jsonl --out today --libs as-is     without compatibility with old libraries
  assay eval mbpp+ --backend openai --model M -n 10 --temperature 0.8 --out out    written and judged
  assay eval starter --samples s.jsonl --out out --fail-under 0.8 --quiet    in CI`,
		Args: want("SUITE"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			f.suite = args[0]
			f.complete(cmd.Flags())
			return a.eval(cmd.Context(), f)
		}),
	}
	f.register(cmd.Flags())
	return cmd
}

func (f *evalFlags) register(flags *pflag.FlagSet) {
	flags.SortFlags = false
	flags.StringVar(&f.samples, "samples", "", "`file` or folder of samples, or canonical, or examples")
	flags.StringVar(&f.out, "out", "", "results `folder`, made when absent")
	f.pick.register(flags, "tasks")
	flags.BoolVar(&f.partial, "partial", false, "accept samples that leave tasks out; score the others")
	flags.BoolVar(&f.baseOnly, "base-only", false, "leave the plus inputs out")
	flags.BoolVar(&f.calibrated, "calibrated", true, "put BigCodeBench's head of a function before each of its solutions, as it does itself")
	flags.BoolVar(&f.runnableOnly, "runnable-only", false, "leave problems out of the score that counts whose own solution can't pass here (assay suites info names them)")
	flags.BoolVar(&f.undisputed, "without-disputed", false, "score without the tasks that are disputed too, beside the usual scores (assay suites info names them)")
	flags.StringVar(&f.compat, "compat", string(benchmarks.EvalplusMain), "whose rules where evalplus's versions differ: evalplus or evalplus-0.3.1")
	f.libs.register(flags)
	f.python.register(flags, "what the suite's publisher uses")
	flags.IntSliceVar(&f.ks, "k", nil, "the k of pass@k, as far as there are samples (default 1,5,10,100)")
	flags.Float64Var(&f.failUnder, "fail-under", 0, "exit 1 when pass@1 (of plus where there is one) is below this `share`, 0 to 1")
	flags.IntVar(&f.workers, "workers", 0, "programs judged at once (default one for each core, fewer when memory is short)")
	f.limits.register(flags)
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

// complete fills in what hangs on which flags were given.
func (f *evalFlags) complete(flags *pflag.FlagSet) {
	f.write.ask.complete(flags, f.write.temperature > 0)
}

// asks says whether a model writes the samples, and where to.
func (f *evalFlags) asks() bool { return f.write.ask.backend != "" }

func (f *evalFlags) written() string { return filepath.Join(f.out, "samples.jsonl") }

// config is what the flags say of the run.
func (f *evalFlags) config() (run.Config, error) {
	switch {
	case f.samples == "" && !f.asks():
		return run.Config{}, usagef("--samples is missing: a file or folder of samples, or canonical for the suite's own solutions; or name a model with --backend")
	case f.samples != "" && f.asks():
		return run.Config{}, usagef("--samples are judged, and a model of --backend writes its own: pass one of them")
	case f.resume && f.force:
		return run.Config{}, usagef("--resume goes on with a run and --force starts over: pass one of them")
	case !(f.failUnder >= 0 && f.failUnder <= 1):
		return run.Config{}, usagef("--fail-under %v: a share is from 0 to 1", f.failUnder)
	}
	info, err := lookup(f.suite)
	if err != nil {
		return run.Config{}, err
	}
	c := run.Config{Dir: f.out, Options: f.limits.options(), Version: version, Workers: f.workers, Asked: run.Asked{K: f.ks, WithoutDisputed: f.undisputed}, RunnableOnly: f.runnableOnly}
	c.Options.Compat, c.Options.BaseOnly = f.compat, f.baseOnly
	switch {
	case f.resume, f.asks() && !f.force:
		c.Mode = run.Resume
	case f.force:
		c.Mode = run.Force
	}
	if err := validate(c, f.selection()); err != nil {
		return c, err
	}
	if f.asks() {
		if err := f.write.ask.check(); err != nil {
			return c, err
		}
		if err := validate(f.write.config(f.written(), f.partial)); err != nil {
			return c, err
		}
	}
	if c.Options.Libs, err = f.libs.of(info); err != nil {
		return c, err
	}
	if c.Options.Python, err = f.python.of(info); err != nil {
		return c, err
	}
	return c, f.runtime.check()
}

func (f *evalFlags) selection() run.Selection {
	sel := f.pick.selection()
	sel.Partial = f.partial
	return sel
}

func (a *app) eval(ctx context.Context, f *evalFlags) error {
	summary, err := a.evaluate(ctx, f)
	if err != nil {
		return err
	}
	return a.report(ctx, f, summary)
}

// evaluate judges what the flags name, and says what came out.
func (a *app) evaluate(ctx context.Context, f *evalFlags) (summary *run.Summary, err error) {
	c, err := f.config()
	if err != nil {
		return nil, err
	}
	if f.asks() {
		err = a.asks(ctx, &f.write.ask, files{
			requests: generate.LogPath(f.written()), plugin: filepath.Join(f.out, "plugin.log"), claim: f.claim, quiet: f.quiet,
		}, func(s *asking) error {
			summary, err = s.evaluate(ctx, f, c)
			return err
		})
		return summary, err
	}
	if c.Mode == run.Fresh {
		if err := run.Vacant(f.out); err != nil {
			return nil, err
		}
	}
	s, err := a.openSession(f.quiet)
	if err != nil {
		return nil, err
	}
	summary, err = s.evaluate(ctx, f, c)
	return summary, errors.Join(err, s.close())
}

// evaluate judges a file of samples.
func (s *session) evaluate(ctx context.Context, f *evalFlags, c run.Config) (*run.Summary, error) {
	suite, err := s.openSuite(ctx, f.suite, f.data)
	if err != nil {
		return nil, err
	}
	samples, err := peers.Read(ctx, f.samples, suite)
	if err != nil {
		return nil, err
	}
	c.Source = samples.Source
	for _, w := range samples.Warnings {
		s.display.Notice("warning: " + w)
	}
	if f.calibrated {
		problems := make(map[string]*benchmarks.Problem, len(suite.Problems))
		for _, p := range suite.Problems {
			problems[p.ID] = p
		}
		for i := range samples.All {
			peers.Calibrate(&samples.All[i], problems[samples.All[i].TaskID])
		}
	}
	if c.Plan, err = run.NewPlan(suite, samples.All, f.selection()); err != nil {
		return nil, err
	}
	b, err := s.bench(ctx, suite, f.runtime, f.workers, c.Options, f.fresh)
	if err != nil {
		return nil, err
	}
	return b.run(ctx, f, c)
}

func (b *bench) run(ctx context.Context, f *evalFlags, c run.Config) (_ *run.Summary, err error) {
	if c.Runnable, err = b.runnable(f.runnableOnly, c.Plan.Suite()); err != nil {
		return nil, err
	}
	if strings.HasPrefix(c.Plan.Suite().Libraries, python.BigCodeBench) {
		c.BigCodeBench = &peers.BigCodeBench{Samples: filepath.Base(cmp.Or(f.samples, f.written())), Split: f.write.split, Calibrated: f.calibrated}
	}
	c.Judge, c.Runtime, c.Workers, c.Progress = b.judge, b.runtimeID(), b.workers, b.display.Func
	s, err := run.Run(ctx, c)
	if err == nil {
		b.warnOfSolutions(c.Plan.Suite(), s)
	}
	return s, err
}

// warnOfSolutions names the tasks whose own solution fails their own tests, with
// the place.
func (b *bench) warnOfSolutions(suite *benchmarks.Suite, s *run.Summary) {
	for _, p := range suite.Problems {
		if d := s.Dispute(p.ID); d != nil && d.Thread == "" {
			b.display.Notice("warning: " + ownFails(p, d.About))
		}
	}
}

// claim makes the folder. One that holds a run of other samples is refused before
// anything is paid.
func (f *evalFlags) claim() error {
	if err := os.MkdirAll(f.out, 0o755); err != nil {
		return fmt.Errorf("making the results folder: %w; name another with --out", err)
	}
	if _, err := os.Lstat(generate.LogPath(f.written())); err != nil && !f.force {
		return run.Vacant(f.out)
	}
	return nil
}

// evaluate has a model write the samples and judges them, the first while the
// last are still to come.
func (s *asking) evaluate(ctx context.Context, f *evalFlags, c run.Config) (*run.Summary, error) {
	suite, err := s.openSuite(ctx, f.suite, f.data)
	if err != nil {
		return nil, err
	}
	if c.Plan, err = run.OpenPlan(suite, f.selection()); err != nil {
		return nil, err
	}
	b, err := s.bench(ctx, suite, f.runtime, f.workers, c.Options, f.fresh)
	if err != nil {
		return nil, err
	}
	early := c.Plan.Begin(ctx, b.judge, b.workers)
	defer early.Stop()
	asked := f.write.config(f.written(), f.partial)
	asked.Following = &follower{c.Plan, early, f}
	if _, err := s.write(ctx, asked, suite, c.Plan.Problems(), b.workers); err != nil {
		return nil, err
	}
	if err := c.Plan.Close(); err != nil {
		return nil, err
	}
	return b.run(ctx, f, c)
}

// follower puts samples into a plan as they are written, and has them judged.
type follower struct {
	plan  *run.Plan
	early *run.Early
	f     *evalFlags
}

func (w *follower) sample(p *benchmarks.Problem, row generate.Row) benchmarks.Sample {
	s := benchmarks.Sample{
		TaskID: p.ID, Index: row.Sample, Solution: row.Solution, Origin: w.f.written(), Extract: string(row.Extract), Best: row.Best,
	}
	if w.f.calibrated {
		peers.Calibrate(&s, p)
	}
	return s
}

func (w *follower) Answered(p *benchmarks.Problem, index int, program func(context.Context) (string, error)) {
	w.early.Add(p.ID, func(ctx context.Context) (benchmarks.Sample, error) {
		text, err := program(ctx)
		return w.sample(p, generate.Row{Sample: index, Solution: text}), err
	})
}

func (w *follower) Asked() { w.early.Stop() }

func (w *follower) Written(p *benchmarks.Problem, row generate.Row) { w.plan.Add(w.sample(p, row)) }

func (w *follower) Detail() string {
	if n := w.early.Judged(); n > 0 {
		return fmt.Sprintf(", judged %d", n)
	}
	return ""
}

// report prints what came out, and turns it into the exit code.
func (a *app) report(ctx context.Context, f *evalFlags, s *run.Summary) error {
	switch {
	case f.json:
		if err := writeJSON(a.stdout, s); err != nil {
			return err
		}
	case !f.quiet:
		if err := a.table(ctx, f.out, s); err != nil {
			return err
		}
	}
	return f.outcome(s)
}

// outcome is why a run that came to its end is a failure all the same.
func (f *evalFlags) outcome(s *run.Summary) error {
	if n := s.InfraErrors(); n > 0 {
		return fmt.Errorf("%d of %d samples could not be judged, by a fault of ours (infra_error in %s/results.jsonl): try them again with --resume", n, s.Samples, f.out)
	}
	e, ok := s.Scores[s.Strictest()].At(1)
	if f.failUnder > 0 && (!ok || e.Value < f.failUnder) {
		return fmt.Errorf("pass@1 of %s is %.4f, below --fail-under %v", s.Strictest(), e.Value, f.failUnder)
	}
	return nil
}

// smallRun is up to how many samples each is listed at the end.
const smallRun = 30

// table prints the last lines of eval.
func (a *app) table(ctx context.Context, dir string, s *run.Summary) error {
	var b strings.Builder
	var first []harness.Record
	var most harness.Record
	var fuels []uint64
	err := run.Each(ctx, dir, func(r harness.Record) {
		if fuels = append(fuels, r.Fuel); len(fuels) <= smallRun {
			first = append(first, r)
		}
		if r.Fuel >= most.Fuel {
			most = r
		}
	})
	if err != nil {
		return err
	}
	if len(fuels) <= smallRun {
		if err := fuelTable(&b, painter(a.stdout), first); err != nil {
			return err
		}
	}
	fmt.Fprintf(&b, "%s: %s, %s, %s\n\n", s.Suite, humanize.Plural(s.Tasks.Judged, "task"), humanize.Plural(s.Samples, "sample"), s.Runtime.Name)
	scoreTable(&b, s)
	if r, ok := s.Scores["runnable"]; ok {
		fmt.Fprintf(&b, "\nrunnable leaves out %s whose own solution can't pass here (assay suites info %s).\n",
			humanize.Plural(s.Scores["base"].Tasks-r.Tasks, "task"), s.Suite)
	}
	fmt.Fprintf(&b, "\n%s\n", run.VerdictCounts(s.Verdicts))
	b.WriteString(fuelLine(fuels, most))
	if text := s.BestText(); text != "" {
		fmt.Fprintf(&b, "%s.\n", text)
	}
	if text := s.DisputedText(); text != "" {
		fmt.Fprintf(&b, "%s. assay show says why", text)
		if !s.Asked.WithoutDisputed {
			b.WriteString("; --without-disputed scores without them")
		}
		b.WriteString(".\n")
	}
	if s.Tasks.Judged < s.Tasks.Suite {
		fmt.Fprintf(&b, "The scores cover %d of the suite's %d tasks.\n", s.Tasks.Judged, s.Tasks.Suite)
	}
	fmt.Fprintf(&b, "\nIn %s: %s\n", dir, strings.Join(run.Files(dir), ", "))
	_, err = a.stdout.Write([]byte(b.String()))
	return err
}

// fuelTable lists the samples of a small run with the fuel that each used.
func fuelTable(b *strings.Builder, p paint, records []harness.Record) error {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "sample\tfuel\tmemory\tverdict")
	for _, r := range records {
		verdict := p.red(string(r.Verdict))
		if r.Verdict == harness.Pass {
			verdict = p.green(string(r.Verdict))
		}
		fmt.Fprintf(w, "%s#%d\t%s\t%s\t%s\n", r.TaskID, r.Sample, humanize.Grouped(r.Fuel), humanize.Bytes(int64(r.Pages)<<16), verdict)
	}
	fmt.Fprintln(w)
	return w.Flush()
}

// fuelLine says what programs used: each one's fuel is in results.jsonl.
func fuelLine(fuels []uint64, most harness.Record) string {
	if len(fuels) == 0 {
		return ""
	}
	slices.Sort(fuels)
	return fmt.Sprintf("fuel of a program: median %s, most %s (%s#%d)\n",
		humanize.Grouped(fuels[len(fuels)/2]), humanize.Grouped(most.Fuel), most.TaskID, most.Sample)
}

func scoreTable(b *strings.Builder, s *run.Summary) {
	w := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	for _, set := range []string{"base", "plus", "runnable", "undisputed"} {
		score, ok := s.Scores[set]
		if !ok {
			continue
		}
		for _, e := range score.PassAtK {
			fmt.Fprintf(w, "%s\t%s\t%.4f\t%.0f %% interval %.4f to %.4f\t%d of %d samples right\n",
				set, e.Name(), e.Value, 100*e.Interval.Confidence, e.Interval.Low, e.Interval.High, score.Correct, score.Samples)
		}
		if len(score.PassAtK) == 0 {
			fmt.Fprintf(w, "%s\tno score\n", set)
		}
	}
	for _, d := range slices.SortedFunc(maps.Keys(s.Difficulty), byDifficulty) {
		score := s.Difficulty[d]
		if e, ok := score.At(1); ok {
			fmt.Fprintf(w, "%s\t%s\t%.4f\t\t%d of %d samples right\n", d, e.Name(), e.Value, score.Correct, score.Samples)
		}
	}
	_ = w.Flush() // to memory
}

// byDifficulty puts the usual words in their order.
func byDifficulty(a, b string) int {
	order := []string{"easy", "medium", "hard"}
	return cmp.Or(cmp.Compare(slices.Index(order, a), slices.Index(order, b)), strings.Compare(a, b))
}
