package main

import (
	"cmp"
	"context"
	"fmt"
	"github.com/assay-dev/assay/harness/generate"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"strings"
)

// generateFlags are what generate is asked for.
type generateFlags struct {
	suite, out string
	sampleFlags

	pick    taskFlags
	partial bool

	force       bool
	data        string
	runtime     runtimeFlags
	json, quiet bool
}

func (a *app) generateCommand() *cobra.Command {
	f := &generateFlags{}
	cmd := &cobra.Command{
		Use:   "generate SUITE --backend BACKEND --model MODEL --out FILE.jsonl",
		Short: "Have a model write samples for a suite",
		Long: `Ask a model for samples of every task of a suite, and write what eval reads:

  FILE.jsonl           task_id, sample, solution: the program taken out of each answer
  FILE.raw.jsonl       the same rows with the whole answers
  FILE.requests.jsonl  every request and its answer, as it came

The last one is why nothing is paid for twice: the same command, after Ctrl-C or
a crash, asks only for what is not answered there. The files of samples have the
same bytes however the answers came.

Backends:
  openai            OpenAI. The key is in OPENAI_API_KEY
  openai:URL        any server of that protocol (vLLM, SGLang, llama.cpp, Ollama,
                    TGI): openai:http://localhost:8000/v1
  anthropic         Anthropic. The key is in ANTHROPIC_API_KEY
  replay:FILE       the answers of a FILE.requests.jsonl, or the rows of a file
                    with task_id and completion, again
  command:PROGRAM   a program that reads the prompt and writes the completion;
                    command-json:PROGRAM reads and writes JSON
  embedded:DIR      a small model that assay train --trainer embedded made; it
                    completes (--prompt base)
  plugin:NAME       a plugin (assay plugins --help). What it prints is in
                    FILE.plugin.log

Prompts are evalplus's: --prompt base goes on with the problem's text, for models
that complete; --prompt instruct asks in a chat, whose template is the server's.

Programs are taken out of answers as the suite's publisher does it, so that scores
compare: evalplus for its suites and BigCodeBench, lcb for LiveCodeBench.
--extract names another rule:
  best      what a person would take: no reasoning, the last block that defines
            the function, with the blocks that it needs, nothing dropped
  evalplus  evalplus 0.3.1's: the longest run of Python, and of that only what the
            function reaches
  lcb       what stands between the last two lines with a fence
  last      the last block between fences, closed or not
  whole     the whole answer

Exit code: 0 when every sample is there, 1 on a fault or when samples have no
answer, 2 on wrong usage, 130 when interrupted.`,
		Example: `  assay generate humaneval+ --backend openai:http://localhost:8000/v1 --model Qwen/Qwen2.5-Coder-7B --prompt base --out qwen.jsonl
  assay generate mbpp+ --backend openai --model gpt-4o-mini -n 10 --temperature 0.8 --out mini.jsonl
  assay generate starter --backend replay:mini.requests.jsonl --model gpt-4o-mini --out again.jsonl
  assay generate starter --backend command:./my-model.sh --prompt base --out mine.jsonl --limit 3
  assay eval mbpp+ --samples mini.jsonl --out out/mini                 and what they are worth`,
		Args: want("SUITE"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			f.suite = args[0]
			f.ask.complete(cmd.Flags(), f.temperature > 0)
			return a.generate(cmd.Context(), f)
		}),
	}
	f.register(cmd.Flags())
	return cmd
}

func (f *generateFlags) register(flags *pflag.FlagSet) {
	flags.SortFlags = false
	f.ask.registerWho(flags)
	flags.StringVar(&f.out, "out", "", "`file` of samples; its name ends in .jsonl")
	f.sampleFlags.register(flags)
	f.pick.register(flags, "tasks")
	flags.BoolVar(&f.partial, "partial", false, "write what there is when samples have no answer")
	f.ask.registerPace(flags)
	flags.BoolVar(&f.force, "force", false, "forget the answers that are there and ask anew")
	flags.StringVar(&f.data, "data", "", "the suite's data set, a `file` of your own")
	f.runtime.register(flags)
	flags.BoolVar(&f.json, "json", false, "print the summary as JSON, and nothing else, on stdout")
	flags.BoolVar(&f.quiet, "quiet", false, "print errors only")
}

func (a *app) generate(ctx context.Context, f *generateFlags) error {
	if err := f.ask.check(); err != nil {
		return err
	}
	c := f.config(f.out, f.partial)
	if err := validate(c, f.pick.selection()); err != nil {
		return err
	}
	if _, err := lookup(f.suite); err != nil {
		return err
	}
	var summary *generate.Summary
	err := a.asks(ctx, &f.ask, files{
		requests: generate.LogPath(f.out), plugin: strings.TrimSuffix(f.out, ".jsonl") + ".plugin.log",
		claim:  func() error { return claimFile(f.out, generate.LogPath(f.out), f.force, "file") },
		forget: f.force, quiet: f.quiet,
	}, func(s *asking) (err error) {
		summary, err = s.generate(ctx, f, c)
		return err
	})
	if err != nil {
		return err
	}
	return a.reportSamples(f, summary)
}

// generate asks and writes. Python is made ready first: should it be missing,
// nothing has been paid.
func (s *asking) generate(ctx context.Context, f *generateFlags, c generate.Config) (*generate.Summary, error) {
	suite, err := s.openSuite(ctx, f.suite, f.data)
	if err != nil {
		return nil, err
	}
	problems, err := run.SelectTasks(suite, f.pick.selection())
	if err != nil {
		return nil, err
	}
	workers, err := s.openUsual(ctx, f.runtime, 0)
	if err != nil {
		return nil, err
	}
	return s.write(ctx, c, suite, problems, workers)
}

func (a *app) reportSamples(f *generateFlags, s *generate.Summary) error {
	if f.json {
		return writeJSON(a.stdout, s)
	}
	if f.quiet {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %s by %s\n", s.Suite, humanize.Plural(s.Tasks, "task"), humanize.Plural(s.Samples, "sample"), cmp.Or(s.Model, s.Backend))
	if len(s.Missing) > 0 {
		fmt.Fprintf(&b, "%s without an answer, the first is %s\n", humanize.Plural(len(s.Missing), "sample"), s.Missing[0])
	}
	if s.Cut > 0 {
		fmt.Fprintf(&b, "%s came to the end of --max-tokens %d\n", humanize.Plural(s.Cut, "answer"), f.ask.maxTokens)
	}
	fmt.Fprintf(&b, "%s sent, %d of them again; tokens of prompts %s, of answers %s", humanize.Plural(int(s.Requests), "request"), s.Retried,
		humanize.Grouped(uint64(s.Usage.PromptTokens)), humanize.Grouped(uint64(s.Usage.CompletionTokens)))
	if s.Usage.Cost > 0 {
		b.WriteString(", cost " + humanize.Dollars(s.Usage.Cost))
	}
	fmt.Fprintf(&b, "\n\nIn %s\nThen: assay eval %s --samples %s --out DIR\n", strings.Join(s.Files, ", "), f.suite, f.out)
	_, err := a.stdout.Write([]byte(b.String()))
	return err
}
