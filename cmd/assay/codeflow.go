package main

import (
	"cmp"
	"context"
	"fmt"
	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/harness/extract"
	"github.com/assay-dev/assay/harness/generate"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/harness/score"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

// codeflowFlags are what codeflow is asked for.
type codeflowFlags struct {
	suite, tasks, out string
	ask               askFlags
	style, extract    string

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
	libs        libsFlag
	python      pythonFlag
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
	f.register(cmd.Flags())
	cmd.AddCommand(a.showTraceCommand())
	return cmd
}

func (f *codeflowFlags) register(flags *pflag.FlagSet) {
	flags.SortFlags = false
	flags.StringVar(&f.suite, "suite", "", "the `suite` whose problems are the tasks; name@version where there are several")
	flags.StringVar(&f.tasks, "tasks", "", "`file` of written tasks, or of what tasks are made of")
	f.ask.registerWho(flags)
	flags.StringVar(&f.out, "out", "", "`folder` of the traces, made when absent")
	flags.StringVar(&f.style, "prompt", string(generate.Instruct), "of a suite: instruct asks in a chat, base has a model go on with the text of a file")
	flags.StringVar(&f.extract, "extract", string(extract.Best), "of a suite: how programs are taken out of answers: best, evalplus, lcb, last or whole")
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
	f.limits.register(flags)
	f.libs.register(flags)
	f.python.register(flags, "what the suite's publisher uses; native for --tasks")
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

// config is what the flags say of the run.
func (f *codeflowFlags) config() (c codeflow.Config, err error) {
	c = codeflow.Config{
		Dir: f.out, Workers: f.workers, Partial: f.partial,
		Options: codeflow.Options{
			Model: f.ask.model, Prompt: generate.Style(f.style), Extract: extract.Rule(f.extract), Iterations: f.iterations, Traces: f.traces, BestOf: f.bestOf,
			Feedback: codeflow.Feedback(f.feedback), Temperatures: f.temperatures,
			TopP: f.ask.topP, MaxTokens: f.ask.maxTokens, Seed: f.ask.seedOrNone(), Least: f.least, JudgeModel: f.judgeModel,
		},
	}
	if err := f.ask.check(); err != nil {
		return c, err
	}
	switch {
	case (f.suite == "") == (f.tasks == ""):
		return c, usagef("pass one of --suite, whose problems are the tasks, and --tasks, a file of tasks")
	case f.tasks != "" && (len(f.pick.tasks) > 0 || f.data != ""):
		return c, usagef("--only and --data are for --suite: leave lines out of the file of tasks, or take the first ones with --limit")
	case f.suite != "" && f.least != codeflow.Least{}:
		return c, usagef("--least is about tests that the model writes, for --tasks: a suite has tests of its own")
	case f.tasks != "" && f.style == string(generate.Base):
		return c, usagef("--prompt base is for --suite: a written task asks for a solution and tests, which takes a model that chats")
	}
	if err := validate(c, f.pick.selection(), f.limits.options()); err != nil {
		return c, err
	}
	if c.Overlaps, err = codeflow.NewOverlaps(f.ngram); err != nil {
		return c, usageError{err}
	}
	var info benchmarks.Info // of no suite: there is none
	for _, name := range f.suites() {
		if info, err = lookup(name); err != nil {
			return c, err
		}
	}
	if f.suite == "" {
		info = benchmarks.Info{}
	}
	if c.Options.Libs, err = f.libs.of(info); err != nil {
		return c, err
	}
	if c.Options.Python, err = f.python.of(info); err != nil {
		return c, err
	}
	return c, f.runtime.check()
}

// suites are the tasks' own, or those that no written task may be close to.
func (f *codeflowFlags) suites() []string {
	switch {
	case f.suite != "":
		return []string{f.suite}
	case slices.Equal(f.against, []string{"none"}):
		return nil
	}
	return f.against
}

func (a *app) codeflow(ctx context.Context, f *codeflowFlags) error {
	c, err := f.config()
	if err != nil {
		return err
	}
	requests := filepath.Join(f.out, codeflow.LogName)
	var stats *codeflow.Stats
	err = a.asks(ctx, &f.ask, files{
		requests: requests, plugin: filepath.Join(f.out, "plugin.log"),
		claim:  func() error { return claimFile(filepath.Join(f.out, codeflow.TracesName), requests, f.force, "folder") },
		forget: f.force, quiet: f.quiet,
	}, func(s *asking) error {
		stats, err = s.codeflow(ctx, f, c)
		return err
	})
	if err != nil {
		return err
	}
	return a.reportFlow(f, stats)
}

// codeflow makes the traces. Python is made ready first: should it be missing,
// nothing has been paid.
func (s *asking) codeflow(ctx context.Context, f *codeflowFlags, c codeflow.Config) (*codeflow.Stats, error) {
	suite, err := s.find(ctx, f, &c)
	if err != nil {
		return nil, err
	}
	o := f.limits.options()
	o.Libs, o.Python = c.Options.Libs, c.Options.Python
	b, err := s.bench(ctx, suite, f.runtime, f.workers, o, false)
	if err != nil {
		return nil, err
	}
	c.Client, c.Programs, c.Judge, c.Runtime, c.Workers = s.client, b.worker, b.judge, b.python.Identity, b.workers
	c.Progress = s.display.Func
	return codeflow.Run(ctx, c)
}

// find finds the tasks: those of a suite, or written ones, with what they may not
// be close to.
func (s *asking) find(ctx context.Context, f *codeflowFlags, c *codeflow.Config) (*benchmarks.Suite, error) {
	if f.suite != "" {
		suite, err := s.openSuite(ctx, f.suite, f.data)
		if err != nil {
			return nil, err
		}
		problems, err := run.SelectTasks(suite, f.pick.selection())
		c.Tasks, c.Overlaps = codeflow.FromSuite(suite, problems, c.Options.Prompt), nil
		return suite, err
	}
	tasks, err := codeflow.ReadTasks(f.tasks)
	if err != nil {
		return nil, err
	}
	if f.pick.limit > 0 {
		tasks = tasks[:min(f.pick.limit, len(tasks))]
	}
	c.Tasks = tasks
	for _, name := range f.suites() {
		suite, err := s.openSuite(ctx, name, "")
		if err != nil {
			return nil, fmt.Errorf("looking for tasks that are a benchmark's: %w; or name other suites with --against, or none", err)
		}
		c.Overlaps.Add(suite)
	}
	return nil, nil
}

// reportFlow prints what came of the traces.
func (a *app) reportFlow(f *codeflowFlags, s *codeflow.Stats) error {
	if f.json {
		return writeJSON(a.stdout, s)
	}
	if f.quiet {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %s by %s: %d passed, %d dropped%s\n\n", s.Source, humanize.Plural(s.Tasks, "task"), humanize.Plural(s.Traces, "trace"),
		cmp.Or(s.Options.Model, f.ask.backend), s.Passed, s.Traces-s.Passed, reasons(s.Dropped))
	rateTable(&b, s)
	movesTable(&b, s)
	if s.Missing > 0 {
		fmt.Fprintf(&b, "\n%s could not be finished, and stand in no number here\n", humanize.Plural(s.Missing, "trace"))
	}
	fmt.Fprintf(&b, "\ntokens of prompts %s, of answers %s", humanize.Grouped(uint64(s.Usage.PromptTokens)), humanize.Grouped(uint64(s.Usage.CompletionTokens)))
	if s.Usage.Cost > 0 {
		b.WriteString(", cost " + humanize.Dollars(s.Usage.Cost))
	}
	fmt.Fprintf(&b, "\n\nIn %s: %s, %s, %s\n", f.out, codeflow.TracesName, codeflow.StatsName, codeflow.LogName)
	fmt.Fprintf(&b, "Then: assay codeflow show %s TASK\n", f.out)
	if len(s.Moves) > 0 {
		fmt.Fprintf(&b, "      assay pairs %s --out %s\n", f.out, filepath.Join(f.out, "pairs.jsonl"))
	}
	_, err := a.stdout.Write([]byte(b.String()))
	return err
}

// reasons lists why traces were dropped, the most frequent first.
func reasons(dropped map[string]int) string {
	names := slices.SortedFunc(maps.Keys(dropped), func(a, b string) int {
		return cmp.Or(dropped[b]-dropped[a], strings.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, dropped[name])
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// rateTable is the paper's table: what has passed by each iteration.
func rateTable(b *strings.Builder, s *codeflow.Stats) {
	held := slices.ContainsFunc(s.Iterations, func(i codeflow.IterationStats) bool { return i.HeldOut != nil })
	w := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	fmt.Fprint(w, "iteration\ttraces\tpassed here\tpassed so far\t95 % interval")
	if held {
		fmt.Fprint(w, "\theld out too\t95 % interval")
	}
	fmt.Fprintln(w, "\ttokens")
	for _, i := range s.Iterations {
		if i.Traces == 0 {
			continue
		}
		fmt.Fprintf(w, "%d\t%d\t%d\t%s", i.Iteration, i.Traces, i.Passed, rateText(i.Rate))
		if held {
			fmt.Fprint(w, "\t"+rateText(i.HeldOut))
		}
		fmt.Fprintf(w, "\t%s\n", humanize.Grouped(uint64(i.Usage.PromptTokens+i.Usage.CompletionTokens)))
	}
	_ = w.Flush() // to memory
}

func rateText(e *score.Estimate) string {
	if e == nil {
		return "–\t"
	}
	return fmt.Sprintf("%.1f %%\t%.1f to %.1f", 100*e.Value, 100*e.Interval.Low, 100*e.Interval.High)
}

// movesTable says what became of each verdict in the next iteration.
func movesTable(b *strings.Builder, s *codeflow.Stats) {
	if len(s.Moves) == 0 {
		return
	}
	b.WriteString("\nverdict, and the next iteration's:\n")
	w := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	for _, m := range s.Moves {
		fmt.Fprintf(w, "  %s\t→ %s\t%d\n", m.From, m.To, m.Count)
	}
	_ = w.Flush() // to memory
}

func (a *app) showTraceCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show DIR TASK",
		Short: "Show a trace: each attempt, and what the model was told about it",
		Long: `Show the traces of a task, step by step: the program, its verdict, and what the
model was told. TASK#1 is the task's second trace.`,
		Example: "  assay codeflow show out/flow HumanEval/6",
		Args:    want("DIR", "TASK"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			traces, damage, err := codeflow.Find(cmd.Context(), args[0], args[1])
			if damage != nil {
				a.warn(damage.Notices(codeflow.LineIsLost))
			}
			if err != nil {
				return err
			}
			for i, t := range traces {
				if i > 0 {
					fmt.Fprintln(a.stdout)
				}
				if err := t.Show(a.stdout); err != nil {
					return err
				}
			}
			return nil
		}),
	}
}
